//! What happened in a block.

use crate::{client::Config, AccountId, Balance, Block, Client, DispatchFailure, Error};
use codec::Decode;
use std::collections::BTreeMap;
use subxt::{
	events::{EventDetails, Phase},
	ext::scale_value::{Composite, Primitive, Value, ValueDef},
	Metadata,
};

/// The pallets that make what has an id.
const PALLETS: [&str; 3] = ["Bmpc", "IdentityKeys", "Bonds"];
/// The events' fields that are ids.
const IDS: [&str; 6] = ["job_id", "dataset_id", "template_id", "key_id", "old_key_id", "new_key_id"];

/// An event, its fields by name.
#[derive(Clone, Debug)]
pub struct Event {
	/// The pallet's name.
	pub pallet: String,
	/// The event's name.
	pub name: String,
	/// The extrinsic that it belongs to, if it does.
	pub extrinsic: Option<u32>,
	fields: BTreeMap<String, Value<u32>>,
	bytes: Vec<u8>,
}

impl Event {
	/// Whether it is `pallet.name`.
	pub fn is(&self, pallet: &str, name: &str) -> bool {
		self.pallet == pallet && self.name == name
	}

	/// The event with the ids in it, if it is one of this chain's own pallets: `Requested job_id=3`.
	pub(crate) fn ids(&self) -> Option<String> {
		if !PALLETS.contains(&&*self.pallet) {
			return None;
		}
		let ids = IDS.iter().filter_map(|name| Some(format!(" {name}={}", self.number(name)?)));
		Some(format!("{}{}", self.name, ids.collect::<String>()))
	}

	/// A field that is a number.
	pub fn number(&self, field: &str) -> Option<Balance> {
		self.fields.get(field)?.as_u128()
	}

	/// A number inside of a field, by the names that lead to it.
	pub fn number_in(&self, field: &str, path: &[&str]) -> Option<Balance> {
		let inner = |value: &'_ Value<u32>, name: &str| match &value.value {
			ValueDef::Composite(Composite::Named(fields)) => {
				fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.clone())
			},
			_ => None,
		};
		path.iter().try_fold(self.fields.get(field)?.clone(), |value, name| inner(&value, name))?.as_u128()
	}

	/// A field that is an account, or one that may be missing and is there.
	pub fn account(&self, field: &str) -> Option<AccountId> {
		fn bytes(value: &Value<u32>) -> Option<Vec<u8>> {
			match &value.value {
				// A newtype around the bytes.
				ValueDef::Composite(Composite::Unnamed(inner)) if inner.len() == 1 => bytes(inner.first()?),
				ValueDef::Variant(variant) if variant.name == "Some" => bytes(variant.values.values().next()?),
				ValueDef::Composite(Composite::Unnamed(inner)) => {
					inner.iter().map(|byte| byte.as_u128().and_then(|byte| u8::try_from(byte).ok())).collect()
				},
				_ => None,
			}
		}
		Some(AccountId(bytes(self.fields.get(field)?)?.try_into().ok()?))
	}

	/// A field that is an enum without data: the variant's name.
	pub fn variant(&self, field: &str) -> Option<&str> {
		match &self.fields.get(field)?.value {
			ValueDef::Variant(variant) => Some(&variant.name),
			ValueDef::Primitive(Primitive::String(text)) => Some(text),
			_ => None,
		}
	}
}

/// An extrinsic in a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inclusion {
	/// Which block.
	pub block: Block,
	/// Its index there.
	pub index: u32,
	/// How it went.
	pub outcome: Outcome,
}

/// How an included extrinsic went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
	/// It did what it should.
	Succeeded,
	/// It changed nothing but cost its fee.
	Failed(DispatchFailure),
	/// The node no longer keeps that block's events.
	Forgotten,
}

/// The event as [`Event`].
pub(crate) fn decode(event: EventDetails<Config>) -> Result<Event, Error> {
	let fields = event.field_values().map_err(|error| Error::decode("an event", error))?;
	let fields = match fields {
		Composite::Named(fields) => fields.into_iter().collect(),
		Composite::Unnamed(fields) => fields.into_iter().enumerate().map(|(i, value)| (i.to_string(), value)).collect(),
	};
	Ok(Event {
		pallet: event.pallet_name().into(),
		name: event.variant_name().into(),
		extrinsic: match event.phase() {
			Phase::ApplyExtrinsic(index) => Some(index),
			_ => None,
		},
		fields,
		bytes: event.field_bytes().to_vec(),
	})
}

/// How the extrinsic at `index` went, by the events of its block.
pub(crate) fn dispatch_result(events: &[Event], index: u32, client: &Client) -> Result<Outcome, Error> {
	for event in events.iter().filter(|event| event.extrinsic == Some(index)) {
		if event.is("System", "ExtrinsicSuccess") {
			return Ok(Outcome::Succeeded);
		}
		if event.is("System", "ExtrinsicFailed") {
			return Ok(Outcome::Failed(client.dispatch_failure(&event.bytes)));
		}
	}
	Err(Error::decode("a block's events", "the extrinsic has no outcome"))
}

/// `sp_runtime::DispatchError`, as far as it is told apart here.
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

/// What an encoded `DispatchError` says, a pallet's with name and documentation.
pub(crate) fn dispatch_failure(mut bytes: &[u8], metadata: &Metadata) -> DispatchFailure {
	let failure = |name: String, docs: &str| DispatchFailure { name, docs: docs.into() };
	match DispatchError::decode(&mut bytes) {
		Ok(DispatchError::Module { index, error: [error, ..] }) => {
			let pallet = metadata.pallet_by_index(index);
			let variant = pallet.as_ref().and_then(|pallet| pallet.error_variant_by_index(error));
			match (pallet.as_ref(), variant) {
				(Some(pallet), Some(variant)) => pallet_failure(pallet.name(), &variant.name, metadata),
				_ => failure(format!("error {error} of pallet {index}"), ""),
			}
		},
		Ok(DispatchError::Token(TokenError::FundsUnavailable)) => {
			failure("Token.FundsUnavailable".into(), "The account has not enough free money.")
		},
		Ok(DispatchError::BadOrigin) => failure("BadOrigin".into(), "This account may not do that."),
		Ok(other) => failure(format!("{other:?}").replace('(', ".").replace(')', ""), ""),
		Err(_) => failure("an error that cannot be read".into(), ""),
	}
}

/// A pallet's error by its name, with its documentation.
pub(crate) fn pallet_failure(pallet: &str, error: &str, metadata: &Metadata) -> DispatchFailure {
	let variants = metadata.pallet_by_name(pallet).and_then(|pallet| pallet.error_variants());
	let docs =
		variants.into_iter().flatten().find(|variant| variant.name == error).map(|variant| variant.docs.join(" "));
	let docs = docs.unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
	DispatchFailure { name: format!("{pallet}.{error}"), docs }
}
