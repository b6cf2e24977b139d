//! The keys that data providers post with their confirmations.

use super::*;
use encrytrust_types::x25519::SMALL_ORDER;

/// The prime of the field, little-endian: the same point as zero.
const PRIME: MaskKey = {
	let mut bytes = [0xff; 32];
	(bytes[0], bytes[31]) = (0xed, 0x7f);
	bytes
};

fn confirm(job: JobId, who: AccountId, key: Option<MaskKey>) -> DispatchResult {
	super::confirm(who, job, hash(job), key)
}

fn keys(job: JobId) -> Vec<Option<MaskKey>> {
	Bmpc::job(job).unwrap().mask_keys
}

#[test]
fn confirm_fails_for_missing_and_unfit_mask_keys() {
	let mut negative = [9; 32];
	negative[31] |= 0x80;
	let unfit = SMALL_ORDER.map(|key| ("of small order", DATA[0], Some(key), Error::InvalidMaskKey));
	let cases = [
		("none", DATA[0], None, Error::MaskKeyMissing),
		("not reduced", DATA[0], Some(PRIME), Error::InvalidMaskKey),
		("with the highest bit", DATA[0], Some(negative), Error::InvalidMaskKey),
		("of a computing provider", COMPUTING[0], Some([9; 32]), Error::MaskKeyNotAllowed),
		("of the coordinator", COORDINATOR, Some([9; 32]), Error::MaskKeyNotAllowed),
		("of a stranger", STRANGER, Some([9; 32]), Error::NotParty),
	];
	with_job(|job| {
		for (case, who, key, error) in cases.into_iter().chain(unfit) {
			assert_noop!(confirm(job, who, key), error);
			let call = Call::confirm { job_id: job, contract_hash: hash(job), mask_key: key };
			assert_eq!(Bmpc::is_owed(&who, &call), Some(false), "{case}: {key:?}");
		}
		assert_eq!(keys(job), [None; 3]);
		for who in expected_parties(Stage::Confirmation) {
			assert_ok!(deliver(job, Stage::Confirmation, who));
		}
		assert_eq!(keys(job), DATA.map(mask_key));
	})
}

#[test]
fn mask_keys_are_listed_in_contract_order_and_not_changed() {
	with_job(|job| {
		assert_ok!(confirm(job, DATA[2], Some([7; 32])));
		assert_eq!(keys(job), [None, None, Some([7; 32])]);
		assert_noop!(confirm(job, DATA[2], Some([8; 32])), Error::AlreadyDelivered);
		assert_ok!(confirm(job, DATA[0], Some([8; 32])));
		assert_eq!(keys(job), [Some([8; 32]), None, Some([7; 32])]);
		let other = make_job();
		assert_eq!(keys(other), [None; 3]);
		// Another job has keys of its own.
		assert_ok!(confirm(other, DATA[1], Some([7; 32])));
	})
}

/// Whoever copies a key and is included first gains nothing: its owner loses nothing, and no key is there twice.
#[test]
fn job_lapses_when_mask_key_was_copied() {
	with_job(|job| {
		assert_ok!(confirm(job, DATA[1], Some([7; 32])));
		events();
		assert_ok!(confirm(job, DATA[0], Some([7; 32])));
		assert_eq!(
			events(),
			[
				Event::Confirmed { job_id: job, party: DATA[0] },
				Event::Lapsed { job_id: job, silent_parties: vec![], reason: Some(Error::DuplicateMaskKey.into()) },
			]
		);
		assert_eq!(status(job), Status::Lapsed { at: 1 });
		assert_eq!(keys(job), [None, Some([7; 32]), None]);
		assert_eq!((escrow(USER), charges(USER)), (0, 0));
		let suspended = |who| Bmpc::role(Role::DataProvider, who).unwrap().suspended;
		assert!(!DATA.into_iter().any(suspended));
	})
}

#[test]
fn delivery_fails_on_basis_of_other_mask_keys() {
	with_job(|job| {
		complete(job, Stage::Confirmation);
		let record = Jobs::<Test>::get(job).unwrap();
		let before = basis(job, Stage::Selection);
		for place in 0..DATA.len() {
			let changed = |keys: &mut MaskKeyList| keys[place] = Some([9; 32]);
			MaskKeys::<Test>::mutate(job, changed);
			assert_ne!(Bmpc::basis(job, &record, Stage::Selection), before, "{place}");
			let result = Bmpc::commit_selection(signed(COORDINATOR), job, commitment(1), before);
			assert_eq!(result, Err(Error::WrongBasis.into()));
			MaskKeys::<Test>::mutate(job, |keys| keys[place] = mask_key(DATA[place]));
		}
		assert_ok!(Bmpc::commit_selection(signed(COORDINATOR), job, commitment(1), before));
	})
}

#[test]
fn mask_keys_are_removed_with_their_job() {
	with_job(|job| {
		reach_challenge(job);
		assert_ok!(Bmpc::accept(signed(USER), job));
		assert_eq!(keys(job), DATA.map(mask_key));
		assert_ok!(Bmpc::clear_job(signed(USER), job));
		assert!(!MaskKeys::<Test>::contains_key(job));
	});
	with_job(|job| {
		assert_ok!(confirm(job, DATA[1], Some([7; 32])));
		assert_ok!(Bmpc::cancel(signed(USER), job));
		assert_ok!(Bmpc::clear_job(signed(USER), job));
		assert!(!MaskKeys::<Test>::contains_key(job));
	})
}
