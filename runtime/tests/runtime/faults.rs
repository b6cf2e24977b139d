//! Reports of faults and calls without account, in the real runtime.

use super::*;
use codec::Encode;
use configs::{RuntimeBlockLength, RuntimeBlockWeights};
use encrytrust_fault_proofs::{Fault, MaxMessage};
use frame_support::{
	dispatch::{DispatchClass, GetDispatchInfo},
	traits::Get,
	BoundedVec,
};
use frame_system::offchain::CreateAuthorizedTransaction;
use sp_runtime::{
	traits::{Header as _, One},
	transaction_validity::{InvalidTransaction, TransactionSource},
};

type Bmpc = pallet_bmpc::Call<Runtime>;

#[test]
fn the_dearest_report_fits_into_a_block() {
	let message = BoundedVec::truncate_from(vec![0; <MaxMessage as Get<u32>>::get() as usize]);
	let fault = Fault::SelectionProof { computing: 0, message, top_path: Default::default() };
	let call = RuntimeCall::from(Bmpc::report_fault { job: 0, fault: Box::new(fault) });
	let weight = call.get_dispatch_info().call_weight;
	let most = RuntimeBlockWeights::get().get(DispatchClass::Normal).max_extrinsic.expect("extrinsics are bounded");
	assert!(weight.all_lte(most), "{weight} is more than {most}");
	let most = *RuntimeBlockLength::get().max.get(DispatchClass::Normal) as usize;
	assert!(call.encoded_size() < most);
}

#[test]
fn calls_without_account_are_validated_by_what_is_due() {
	preset("development").execute_with(|| {
		let header =
			Header::new(One::one(), Default::default(), Default::default(), Default::default(), Default::default());
		Executive::initialize_block(&header);
		let call =
			|call: Bmpc| <Runtime as CreateAuthorizedTransaction<Bmpc>>::create_authorized_transaction(call.into());
		for transaction in [call(Bmpc::expire { job: 0 }), call(Bmpc::settle { job: 0 })] {
			let validity =
				Executive::validate_transaction(TransactionSource::External, transaction, Default::default());
			assert_eq!(validity, Err(InvalidTransaction::Stale.into()));
		}
		// Nothing else goes without account.
		let transaction = call(Bmpc::accept { job: 0 });
		let validity = Executive::validate_transaction(TransactionSource::External, transaction, Default::default());
		assert!(validity.is_err_and(|error| error != InvalidTransaction::Stale.into()));
	})
}
