use super::*;
use encrytrust_types::token::{Program, TOTAL_ISSUANCE};
use frame_support::{
	dispatch::{DispatchInfo, GetDispatchInfo},
	traits::{fungible::Balanced, tokens::Precision, OnUnbalanced},
};
use sp_keyring::Sr25519Keyring;
use sp_runtime::traits::{DispatchTransaction, StaticLookup};

#[test]
fn without_an_author_fees_and_tips_go_to_the_ecology_program() {
	preset("development").execute_with(|| {
		System::set_block_number(1);
		let alice = Sr25519Keyring::Alice.to_account_id();
		let ecology = Program::Ecology.account::<AccountId>();
		let before = (Balances::free_balance(&alice), Balances::free_balance(&ecology));
		let call = RuntimeCall::System(frame_system::Call::remark { remark: vec![1; 100] });
		let info: DispatchInfo = call.get_dispatch_info();
		let tip = 7 * MILLI_ETS;
		pallet_transaction_payment::ChargeTransactionPayment::<Runtime>::from(tip)
			.dispatch_transaction(RuntimeOrigin::signed(alice.clone()), call, &info, 120, 0)
			.expect("valid")
			.expect("a remark does not fail");
		let paid = before.0 - Balances::free_balance(&alice);
		assert!(paid > tip);
		assert_eq!(Balances::free_balance(&ecology), before.1 + paid);
		assert_eq!(Balances::total_issuance(), TOTAL_ISSUANCE);
	});
}

#[test]
fn dust_is_not_burnt() {
	preset("development").execute_with(|| {
		System::set_block_number(1);
		let alice = Sr25519Keyring::Alice.to_account_id();
		let poor = Sr25519Keyring::Ferdie.to_raw_public();
		let new = AccountId::from(sp_io::hashing::blake2_256(&poor));
		let target = |who: &AccountId| <Runtime as frame_system::Config>::Lookup::unlookup(who.clone());
		let signed = |who: &AccountId| RuntimeOrigin::signed(who.clone());
		Balances::transfer_allow_death(signed(&alice), target(&new), 2 * MILLI_ETS).expect("Alice has money");
		Balances::transfer_allow_death(signed(&new), target(&alice), MILLI_ETS + 1)
			.expect("and so has the new account");
		assert_eq!(Balances::free_balance(&new), 0, "the dust is gone");
		assert_eq!(Balances::total_issuance(), TOTAL_ISSUANCE, "but not from the chain");
	});
}

#[test]
fn what_is_collected_arrives() {
	preset("development").execute_with(|| {
		let alice = Sr25519Keyring::Alice.to_account_id();
		let ecology = Program::Ecology.account::<AccountId>();
		let before = Balances::free_balance(&ecology);
		let credit = <Balances as Balanced<AccountId>>::withdraw(
			&alice,
			ETS,
			Precision::Exact,
			frame_support::traits::tokens::Preservation::Preserve,
			frame_support::traits::tokens::Fortitude::Polite,
		)
		.expect("Alice has money");
		configs::money::ToEcology::on_unbalanced(credit);
		assert_eq!(Balances::free_balance(&ecology), before + ETS);
		assert_eq!(Balances::total_issuance(), TOTAL_ISSUANCE);
	});
}
