use super::*;
use codec::Encode;

#[test]
fn register_role_holds_deposit_by_size() {
	ExtBuilder.build_and_execute(|| {
		for (who, offer) in
			[(DATA[0], Offer::DataProvider), (COMPUTING[0], computing_offer()), (COORDINATOR, coordinator_offer())]
		{
			let role = offer.role();
			assert_ok!(Bmpc::register_role(signed(who), endpoint(7), offer.clone(), terms()));
			assert_eq!(events(), [Event::RoleRegistered { who, role }]);
			let registration = Bmpc::role(role, who).unwrap();
			assert_eq!(registration.deposit, 500 + registration.encode().len() as Balance);
			assert_eq!(registration.deposit, deposits(who));
			assert_eq!((registration.endpoint, registration.offer, registration.jobs), (endpoint(7), offer, 0));
		}
	})
}

#[test]
fn register_role_works_for_several_roles_of_an_account() {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(Bmpc::register_role(signed(STRANGER), endpoint(1), Offer::DataProvider, terms()));
		assert_ok!(Bmpc::register_role(signed(STRANGER), endpoint(1), coordinator_offer(), terms()));
		assert_eq!(Bmpc::role(Role::ComputingProvider, STRANGER), None);
		assert_ok!(Bmpc::unregister_role(signed(STRANGER), Role::DataProvider));
		let deposit = Bmpc::role(Role::Coordinator, STRANGER).unwrap().deposit;
		assert_eq!(deposits(STRANGER), deposit);
	})
}

#[test]
fn register_and_update_role_fail_when_offer_is_invalid() {
	let at = |address: &[u8]| Endpoint { address: BoundedVec::truncate_from(address.to_vec()), ..endpoint(1) };
	let with_key = |paillier| Offer::ComputingProvider { price: 1, paillier, key_proof: KEY_PROOF };
	let even = {
		let mut bytes = modulus(256).into_inner();
		bytes[255] ^= 1;
		BoundedVec::truncate_from(bytes)
	};
	with_providers(|| {
		for (case, endpoint, offer, error) in [
			("no address", at(b""), computing_offer(), Error::InvalidAddress),
			("a host name", at(b"example.org:4001"), computing_offer(), Error::InvalidAddress),
			("not text", at(b"/ip4/\xff"), computing_offer(), Error::InvalidAddress),
			("an escape", at(b"/ip4/\x1b[1A"), computing_offer(), Error::InvalidAddress),
			("a line break", at(b"/ip4/\n"), computing_offer(), Error::InvalidAddress),
			("an override", at("/ip4/\u{202e}".as_bytes()), computing_offer(), Error::InvalidAddress),
			("a key too short", endpoint(1), with_key(modulus(255)), Error::ModulusLength),
			("a key between the lengths", endpoint(1), with_key(modulus(320)), Error::ModulusLength),
			("an even key", endpoint(1), with_key(even), Error::ModulusEven),
			("a prime key", endpoint(1), with_key(prime()), Error::ModulusPrime),
		] {
			let register = Bmpc::register_role(signed(STRANGER), endpoint.clone(), offer.clone(), terms());
			assert_eq!(register, Err(error.into()), "{case}");
			let update = Bmpc::update_role(signed(COMPUTING[0]), endpoint, offer, terms());
			assert_eq!(update, register, "{case}");
		}
		assert_eq!(events(), []);
	})
}

#[test]
fn register_role_fails_when_already_registered() {
	with_providers(|| {
		assert_noop!(
			Bmpc::register_role(signed(COORDINATOR), endpoint(1), coordinator_offer(), terms()),
			Error::AlreadyRegistered
		);
	})
}

#[test]
fn register_role_fails_when_funds_are_missing() {
	ExtBuilder.build_and_execute(|| {
		assert!(Bmpc::register_role(signed(NOBODY), endpoint(1), Offer::DataProvider, terms()).is_err());
		assert_eq!(Bmpc::role(Role::DataProvider, NOBODY), None);
	})
}

#[test]
fn update_role_changes_only_future_jobs() {
	with_job(|job| {
		let before = contract(job);
		let dearer = Offer::ComputingProvider { price: 2 * WORK_PRICE, paillier: modulus(384), key_proof: KEY_PROOF };
		assert_ok!(Bmpc::update_role(signed(COMPUTING[0]), endpoint(77), dearer.clone(), terms()));
		assert_eq!(events(), [Event::RoleUpdated { who: COMPUTING[0], role: Role::ComputingProvider }]);
		assert_eq!(contract(job), before);
		let registration = Bmpc::role(Role::ComputingProvider, COMPUTING[0]).unwrap();
		assert_eq!((registration.jobs, registration.offer), (0, dearer));
		complete(job, Stage::Confirmation);
		assert_eq!(contract(job), before);
		assert_eq!(Bmpc::role(Role::ComputingProvider, COMPUTING[0]).unwrap().jobs, 1);
		assert_eq!(Bmpc::quote(USER, request()).unwrap().computing[0], (COMPUTING[0], 2 * COMPUTING_PAY));
	})
}

#[test]
fn update_role_raises_and_lowers_deposit() {
	with_providers(|| {
		let before = deposits(COMPUTING[0]);
		let offer = |length| Offer::ComputingProvider { price: 1, paillier: modulus(length), key_proof: KEY_PROOF };
		assert_ok!(Bmpc::update_role(signed(COMPUTING[0]), endpoint(1), offer(384), terms()));
		assert_eq!(deposits(COMPUTING[0]), before + 128);
		assert_ok!(Bmpc::update_role(signed(COMPUTING[0]), endpoint(1), offer(256), terms()));
		assert_eq!(deposits(COMPUTING[0]), before);
	})
}

#[test]
fn update_role_fails_when_not_registered() {
	with_providers(|| {
		assert_noop!(
			Bmpc::update_role(signed(COORDINATOR), endpoint(1), computing_offer(), terms()),
			Error::NotRegistered
		);
	})
}

#[test]
fn unregister_role_releases_deposit() {
	with_providers(|| {
		assert_ok!(Bmpc::unregister_role(signed(COORDINATOR), Role::Coordinator));
		assert_eq!(events(), [Event::RoleUnregistered { who: COORDINATOR, role: Role::Coordinator }]);
		assert_eq!((deposits(COORDINATOR), Balances::free_balance(COORDINATOR)), (0, FUNDS - BOND));
		assert_noop!(Bmpc::unregister_role(signed(COORDINATOR), Role::Coordinator), Error::NotRegistered);
	})
}

#[test]
fn unregister_role_fails_when_jobs_are_under_way() {
	with_job(|job| {
		reach_challenge(job);
		for (role, who) in
			[(Role::DataProvider, DATA[2]), (Role::ComputingProvider, COMPUTING[1]), (Role::Coordinator, COORDINATOR)]
		{
			assert_noop!(Bmpc::unregister_role(signed(who), role), Error::RoleInUse);
		}
		assert_ok!(Bmpc::accept(signed(USER), job));
		assert_ok!(Bmpc::unregister_role(signed(DATA[2]), Role::DataProvider));
	})
}
