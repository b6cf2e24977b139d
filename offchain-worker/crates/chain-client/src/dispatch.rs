//! Why an included extrinsic failed.

use codec::Decode;
use subxt::Metadata;

/// The failure of an included extrinsic.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name}{}{docs}", if docs.is_empty() { "" } else { ": " })]
pub struct DispatchFailure {
	/// `Pallet.Error`, or the name of an error of the system.
	pub name: String,
	/// Its documentation, from the metadata.
	pub docs: String,
}

impl DispatchFailure {
	/// Whether it is this error of a pallet, by the error's name alone.
	pub fn is(&self, error: &str) -> bool {
		self.name.split_once('.').is_some_and(|(_, name)| name == error)
	}

	/// From an encoded `DispatchError`; a pallet's with name and documentation.
	pub(crate) fn from_encoded(mut bytes: &[u8], metadata: &Metadata) -> Self {
		let failure = |name: String, docs: &str| Self { name, docs: docs.into() };
		match DispatchError::decode(&mut bytes) {
			Ok(DispatchError::Module { index, error: [error, ..] }) => {
				let pallet = metadata.pallet_by_index(index);
				let variant = pallet.as_ref().and_then(|pallet| pallet.error_variant_by_index(error));
				match (pallet.as_ref(), variant) {
					(Some(pallet), Some(variant)) => Self::of_pallet(pallet.name(), &variant.name, metadata),
					_ => failure(format!("error {error} of pallet {index}"), ""),
				}
			},
			Ok(DispatchError::Token(TokenError::FundsUnavailable)) => {
				failure("Token.FundsUnavailable".into(), "The account's free balance is too low.")
			},
			Ok(DispatchError::BadOrigin) => failure("BadOrigin".into(), "This account is not allowed to do that."),
			Ok(other) => failure(format!("{other:?}").replace('(', ".").replace(')', ""), ""),
			Err(_) => failure("an unknown error".into(), ""),
		}
	}

	/// A pallet's error by its name, with its documentation.
	pub(crate) fn of_pallet(pallet: &str, error: &str, metadata: &Metadata) -> Self {
		let variants = metadata.pallet_by_name(pallet).and_then(|pallet| pallet.error_variants());
		let docs =
			variants.into_iter().flatten().find(|variant| variant.name == error).map(|variant| variant.docs.join(" "));
		let docs = docs.unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
		Self { name: format!("{pallet}.{error}"), docs }
	}
}

/// `sp_runtime::DispatchError`.
#[derive(Debug, Decode)]
#[expect(dead_code, reason = "`Debug` shows the fields")]
enum DispatchError {
	Other,
	CannotLookup,
	BadOrigin,
	Module { index: u8, error: [u8; 4] },
	ConsumerRemaining,
	NoProviders,
	TooManyConsumers,
	Token(TokenError),
	Arithmetic(ArithmeticError),
	Transactional(TransactionalError),
	Exhausted,
	Corruption,
	Unavailable,
	RootNotAllowed,
	Trie(u8),
}

/// `sp_runtime::TokenError`.
#[derive(Debug, Decode)]
enum TokenError {
	FundsUnavailable,
	OnlyProvider,
	BelowMinimum,
	CannotCreate,
	UnknownAsset,
	Frozen,
	Unsupported,
	CannotCreateHold,
	NotExpendable,
	Blocked,
}

/// `sp_runtime::ArithmeticError`.
#[derive(Debug, Decode)]
enum ArithmeticError {
	Underflow,
	Overflow,
	DivisionByZero,
}

/// `sp_runtime::TransactionalError`.
#[derive(Debug, Decode)]
enum TransactionalError {
	LimitReached,
	NoLayer,
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::compatibility;

	#[test]
	fn failure_has_name_and_documentation_of_pallet_error() {
		let metadata = compatibility::expected().unwrap();
		let pallet = metadata.pallet_by_name("Bmpc").unwrap();
		let error = pallet.error_variants().unwrap().iter().find(|error| error.name == "PriceAboveMaximum").unwrap();
		let failure = DispatchFailure::from_encoded(&[3, pallet.index(), error.index, 0, 0, 0], &metadata);
		assert_eq!(failure.name, "Bmpc.PriceAboveMaximum");
		assert!(!failure.docs.is_empty());
		assert_eq!(failure.to_string(), format!("Bmpc.PriceAboveMaximum: {}", failure.docs));
	}

	#[test]
	fn failure_has_name_of_other_dispatch_error() {
		let metadata = compatibility::expected().unwrap();
		for (bytes, name) in [
			(&[7u8, 0][..], "Token.FundsUnavailable"),
			(&[2], "BadOrigin"),
			(&[3, 254, 1, 0, 0, 0], "error 1 of pallet 254"),
			(&[8, 2], "Arithmetic.DivisionByZero"),
			(&[99], "an unknown error"),
		] {
			assert_eq!(DispatchFailure::from_encoded(bytes, &metadata).name, name);
		}
	}
}
