//! The runtime's extrinsic: the SDK's, whose content is checked before its signature and before it is weighed.
//!
//! The weight of a call is computed from its content before any transaction extension can refuse it: in the pool, where nobody
//! pays for it, and at the import of a block. Content that takes long to weigh has to be refused earlier, in
//! [`Checkable::check`]. See ADR 0024.

use crate::{content::ensure_bounded, AccountId, Address, RuntimeCall, Signature, TxExtension};
use codec::{Decode, DecodeWithMemTracking, Encode};
use frame_support::{
	dispatch::{DispatchInfo, GetDispatchInfo},
	traits::{InherentBuilder, SignedTransactionBuilder},
	weights::Weight,
};
use scale_info::{Type, TypeInfo};
use sp_runtime::{
	generic,
	traits::{Checkable, ExtrinsicCall, ExtrinsicLike, ExtrinsicMetadata, LazyExtrinsic, Lookup},
	transaction_validity::TransactionValidityError,
	OpaqueExtrinsic,
};

type Inner = generic::UncheckedExtrinsic<Address, RuntimeCall, Signature, TxExtension>;
type Checked = generic::CheckedExtrinsic<AccountId, RuntimeCall, TxExtension>;

/// An extrinsic of which neither content nor signature has been checked. It is encoded and described as the SDK's.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking)]
pub struct UncheckedExtrinsic(Inner);

impl UncheckedExtrinsic {
	/// An inherent.
	pub fn new_bare(call: RuntimeCall) -> Self {
		Self(Inner::new_bare(call))
	}

	/// A transaction signed by an account.
	pub fn new_signed(call: RuntimeCall, signer: Address, signature: Signature, extension: TxExtension) -> Self {
		Self(Inner::new_signed(call, signer, signature, extension))
	}

	/// A general transaction: what authorises it is in its extension.
	pub fn new_transaction(call: RuntimeCall, extension: TxExtension) -> Self {
		Self(Inner::new_transaction(call, extension))
	}
}

impl<L> Checkable<L> for UncheckedExtrinsic
where
	L: Lookup<Source = Address, Target = AccountId>,
{
	type Checked = Checked;

	fn check(self, lookup: &L) -> Result<Checked, TransactionValidityError> {
		ensure_bounded(&self.0.function)?;
		self.0.check(lookup)
	}
}

/// For fee estimates by RPC, which check nothing: content that no block takes has the maximum weight.
impl GetDispatchInfo for UncheckedExtrinsic {
	fn get_dispatch_info(&self) -> DispatchInfo {
		match ensure_bounded(&self.0.function) {
			Ok(()) => self.0.get_dispatch_info(),
			Err(_) => DispatchInfo { call_weight: Weight::MAX, ..Default::default() },
		}
	}
}

impl ExtrinsicLike for UncheckedExtrinsic {
	fn is_bare(&self) -> bool {
		self.0.is_bare()
	}
}

impl ExtrinsicCall for UncheckedExtrinsic {
	type Call = RuntimeCall;

	fn call(&self) -> &RuntimeCall {
		self.0.call()
	}

	fn into_call(self) -> RuntimeCall {
		self.0.into_call()
	}
}

impl ExtrinsicMetadata for UncheckedExtrinsic {
	const VERSIONS: &'static [u8] = Inner::VERSIONS;
	type TransactionExtensionPipelines = <Inner as ExtrinsicMetadata>::TransactionExtensionPipelines;
}

impl InherentBuilder for UncheckedExtrinsic {
	fn new_inherent(call: RuntimeCall) -> Self {
		Self::new_bare(call)
	}
}

impl SignedTransactionBuilder for UncheckedExtrinsic {
	type Address = Address;
	type Signature = Signature;
	type Extension = TxExtension;

	fn new_signed_transaction(
		call: RuntimeCall,
		signer: Address,
		signature: Signature,
		extension: TxExtension,
	) -> Self {
		Self::new_signed(call, signer, signature, extension)
	}
}

impl LazyExtrinsic for UncheckedExtrinsic {
	fn decode_unprefixed(data: &[u8]) -> Result<Self, codec::Error> {
		Inner::decode_unprefixed(data).map(Self)
	}
}

impl TypeInfo for UncheckedExtrinsic {
	type Identity = <Inner as TypeInfo>::Identity;

	fn type_info() -> Type {
		Inner::type_info()
	}
}

impl From<UncheckedExtrinsic> for OpaqueExtrinsic {
	fn from(extrinsic: UncheckedExtrinsic) -> Self {
		extrinsic.0.into()
	}
}

impl sp_runtime::serde::Serialize for UncheckedExtrinsic {
	fn serialize<S: sp_runtime::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
		self.0.serialize(serializer)
	}
}
