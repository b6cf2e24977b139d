//! The transaction extension by which an account of a job pays for a report of a fault out of its report deposit.
//!
//! A report is paid for before it is known whether it holds, so that false reports cost something. Whoever has to report,
//! to be safe, must not need free balance for it.

use crate::{pallet::*, weights::WeightInfo};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode};
use core::{fmt, marker::PhantomData};
use encrytrust_fault_proofs::Fault;
use encrytrust_types::JobId;
use frame_support::{pallet_prelude::*, traits::Get};
use scale_info::{StaticTypeInfo, Type, TypeInfo};
use sp_runtime::{
	traits::{
		AsSystemOriginSigner, DispatchInfoOf, DispatchOriginOf, Dispatchable, Implication, PostDispatchInfoOf,
		TransactionExtension, ValidateResult,
	},
	DispatchResult,
};

/// Any call of the runtime.
type CallOf<T> = <T as frame_system::Config>::RuntimeCall;

/// Finds the report of a fault in a transaction.
pub trait FindReport<T: Config> {
	/// Whether `call` would report a fault, whoever signs it.
	fn is_report(call: &CallOf<T>) -> bool;

	/// The report that `call`, signed by `signer`, would make, and the account that it would be made by.
	fn find<'a>(signer: &T::AccountId, call: &'a CallOf<T>) -> Option<(T::AccountId, JobId, &'a Fault)>;
}

/// `Charge`, which takes the fee of a transaction, but for the first report of a fault by an account of the job: it is paid
/// for by the reporter's deposit. It is encoded and described as `Charge`.
#[derive(Encode, Decode, DecodeWithMemTracking)]
pub struct ChargeOrDeposit<T, Charge, Find>(Charge, PhantomData<fn() -> (T, Find)>);

impl<T, Charge, Find> From<Charge> for ChargeOrDeposit<T, Charge, Find> {
	fn from(charge: Charge) -> Self {
		Self(charge, PhantomData)
	}
}

impl<T, Charge: Clone, Find> Clone for ChargeOrDeposit<T, Charge, Find> {
	fn clone(&self) -> Self {
		Self::from(self.0.clone())
	}
}

impl<T, Charge: PartialEq, Find> PartialEq for ChargeOrDeposit<T, Charge, Find> {
	fn eq(&self, other: &Self) -> bool {
		self.0 == other.0
	}
}

impl<T, Charge: Eq, Find> Eq for ChargeOrDeposit<T, Charge, Find> {}

impl<T, Charge: Debug, Find> Debug for ChargeOrDeposit<T, Charge, Find> {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		self.0.fmt(f)
	}
}

impl<T, Charge: StaticTypeInfo, Find> TypeInfo for ChargeOrDeposit<T, Charge, Find> {
	type Identity = Charge;

	fn type_info() -> Type {
		Charge::type_info()
	}
}

/// How a transaction is paid for.
#[derive(Debug)]
pub enum Payment<AccountId, Charged> {
	/// By its signer.
	Fee(Charged),
	/// By the report deposit of this account in this job.
	Deposit(AccountId, JobId),
}

impl<T, Charge, Find> TransactionExtension<CallOf<T>> for ChargeOrDeposit<T, Charge, Find>
where
	T: Config + Send + Sync,
	CallOf<T>: Dispatchable<RuntimeOrigin: AsSystemOriginSigner<T::AccountId>>,
	Charge: TransactionExtension<CallOf<T>>,
	Find: FindReport<T> + 'static,
{
	const IDENTIFIER: &'static str = Charge::IDENTIFIER;
	type Implicit = Charge::Implicit;
	type Val = Payment<T::AccountId, Charge::Val>;
	type Pre = Option<Charge::Pre>;

	fn implicit(&self) -> Result<Self::Implicit, TransactionValidityError> {
		self.0.implicit()
	}

	fn metadata() -> Vec<sp_runtime::traits::TransactionExtensionMetadata> {
		Charge::metadata()
	}

	fn weight(&self, call: &CallOf<T>) -> Weight {
		let deposit = T::WeightInfo::authorize().saturating_add(T::DbWeight::get().reads_writes(4, 4));
		self.0.weight(call).saturating_add(if Find::is_report(call) { deposit } else { Weight::zero() })
	}

	fn validate(
		&self,
		origin: DispatchOriginOf<CallOf<T>>,
		call: &CallOf<T>,
		info: &DispatchInfoOf<CallOf<T>>,
		len: usize,
		implicit: Self::Implicit,
		implication: &impl Implication,
		source: TransactionSource,
	) -> ValidateResult<Self::Val, CallOf<T>> {
		let report = origin.as_system_origin_signer().and_then(|signer| Find::find(signer, call));
		match report {
			Some((who, job_id, fault)) if Pallet::<T>::can_report_on_deposit(&who, job_id, fault) => {
				Ok((ValidTransaction::default(), Payment::Deposit(who, job_id), origin))
			},
			_ => {
				let validated = self.0.validate(origin, call, info, len, implicit, implication, source);
				validated.map(|(valid, charged, origin)| (valid, Payment::Fee(charged), origin))
			},
		}
	}

	/// Taken here, a deposit stays taken if the report does not hold.
	fn prepare(
		self,
		payment: Self::Val,
		origin: &DispatchOriginOf<CallOf<T>>,
		call: &CallOf<T>,
		info: &DispatchInfoOf<CallOf<T>>,
		len: usize,
	) -> Result<Self::Pre, TransactionValidityError> {
		match payment {
			Payment::Fee(charged) => self.0.prepare(charged, origin, call, info, len).map(Some),
			Payment::Deposit(who, job_id) => {
				Pallet::<T>::take_report_deposit(&who, job_id).map_err(|_| InvalidTransaction::Payment)?;
				Ok(None)
			},
		}
	}

	fn post_dispatch_details(
		pre: Self::Pre,
		info: &DispatchInfoOf<CallOf<T>>,
		post_info: &PostDispatchInfoOf<CallOf<T>>,
		len: usize,
		result: &DispatchResult,
	) -> Result<Weight, TransactionValidityError> {
		match pre {
			Some(pre) => Charge::post_dispatch_details(pre, info, post_info, len, result),
			None => Ok(Weight::zero()),
		}
	}
}
