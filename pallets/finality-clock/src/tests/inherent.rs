//! The inherent: what authors make of their nodes' data, and what importing nodes check.

use super::*;
use frame_support::inherent::{InherentData, ProvideInherent};

fn data(finalized: impl codec::Encode) -> InherentData {
	let mut data = InherentData::new();
	data.put_data(INHERENT_IDENTIFIER, &finalized).expect("no such data yet");
	data
}

fn created(data: &InherentData) -> Option<u64> {
	Clock::create_inherent(data).map(|call| match call {
		Call::attest { finalized } => finalized,
		other => panic!("no inherent: {other:?}"),
	})
}

#[test]
fn inherent_is_created_from_what_the_node_knows() {
	execute(|| {
		skip_to(50);
		for finalized in [0, 1, 49] {
			assert_eq!(created(&data(finalized)), Some(finalized));
		}
	});
}

/// An author cannot finish a block with an inherent that fails.
#[test]
fn inherent_is_not_created_if_the_call_would_fail() {
	let cases = [
		("no data", VALIDATORS[0], InherentData::new()),
		("data of another type", VALIDATORS[0], data(7u8)),
		("its own block", VALIDATORS[0], data(50u64)),
		("a later block", VALIDATORS[0], data(u64::MAX)),
		("an author that is not a validator", STRANGER, data(49u64)),
	];
	for (case, author, data) in cases {
		execute(|| {
			skip_to(49);
			next_block(author);
			assert_eq!(System::block_number(), 50);
			assert_eq!(created(&data), None, "{case}");
		});
	}
}

/// The node that imports block 51 checks its inherents in the state of block 50.
#[test]
fn check_refuses_inherent_about_the_block_itself_or_a_later_one() {
	execute(|| {
		skip_to(50);
		for (finalized, expected) in [
			(0, Ok(())),
			(50, Ok(())),
			(51, Err(InherentError::NotAnAncestor)),
			(u64::MAX, Err(InherentError::NotAnAncestor)),
		] {
			assert_eq!(Clock::check_inherent(&Call::attest { finalized }, &InherentData::new()), expected);
		}
	});
}

#[test]
fn check_does_not_depend_on_what_the_importing_node_knows() {
	execute(|| {
		skip_to(50);
		for known in [InherentData::new(), data(0u64), data(1_000u64)] {
			assert_eq!(Clock::check_inherent(&Call::attest { finalized: 40 }, &known), Ok(()));
		}
	});
}

#[test]
fn inherent_is_not_required() {
	execute(|| {
		skip_to(50);
		for data in [InherentData::new(), data(49u64)] {
			assert_eq!(Clock::is_inherent_required(&data), Ok(None));
		}
	});
}

#[test]
fn attest_is_mandatory_and_an_inherent() {
	use frame_support::dispatch::{DispatchClass, GetDispatchInfo};
	let call = Call::<Test>::attest { finalized: 1 };
	assert!(Clock::is_inherent(&call));
	assert_eq!(call.get_dispatch_info().class, DispatchClass::Mandatory);
}
