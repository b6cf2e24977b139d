//! The finality clock in blocks, as authors make them and other nodes import them.

use super::*;
use codec::Encode;
use encrytrust_traits::finality::FinalityClock as _;
use frame_support::assert_ok;
use pallet_finality_clock::{Attestation, Attestations, Call, InherentError, INHERENT_IDENTIFIER};
use sp_block_builder::runtime_decl_for_block_builder::BlockBuilder;
use sp_consensus_babe::digests::{PreDigest, SecondaryPlainPreDigest};
use sp_inherents::InherentData;
use sp_runtime::{
	traits::{Block as _, Header as _},
	transaction_validity::{InvalidTransaction, TransactionSource},
	Digest, DigestItem,
};

/// The slot duration of the preset.
const SLOT: u64 = 2_000;

/// What a node tells the runtime. One block in each slot.
fn data(number: BlockNumber, finalized: Option<BlockNumber>) -> InherentData {
	let mut data = InherentData::new();
	data.put_data(*b"timstap0", &(u64::from(number) * SLOT)).expect("no such data yet");
	if let Some(finalized) = finalized {
		data.put_data(INHERENT_IDENTIFIER, &finalized).expect("no such data yet");
	}
	data
}

fn begin(parent: &Header) -> BlockNumber {
	let number = parent.number + 1;
	let slot = PreDigest::SecondaryPlain(SecondaryPlainPreDigest {
		authority_index: number % Babe::authorities().len() as u32,
		slot: u64::from(number).into(),
	});
	let digest = Digest { logs: vec![DigestItem::PreRuntime(sp_consensus_babe::BABE_ENGINE_ID, slot.encode())] };
	Executive::initialize_block(&Header::new(number, Default::default(), Default::default(), parent.hash(), digest));
	number
}

/// Apply the author's inherents; returns them.
fn apply_inherents(number: BlockNumber, finalized: Option<BlockNumber>) -> Vec<UncheckedExtrinsic> {
	let inherents = Runtime::inherent_extrinsics(data(number, finalized));
	for inherent in &inherents {
		assert_ok!(Executive::apply_extrinsic(inherent.clone()).expect("the inherent is valid"));
	}
	inherents
}

fn genesis() -> Header {
	Header::new(0, Default::default(), Default::default(), Default::default(), Default::default())
}

fn attest(finalized: BlockNumber) -> UncheckedExtrinsic {
	UncheckedExtrinsic::new_bare(Call::attest { finalized }.into())
}

#[test]
fn blocks_with_the_inherent_set_the_clock() {
	preset("local_testnet").execute_with(|| {
		let mut parent = genesis();
		let mut clock = Vec::new();
		for _ in 0..12 {
			let number = begin(&parent);
			apply_inherents(number, Some(number.saturating_sub(3)));
			clock.push(FinalityClock::now());
			parent = Executive::finalize_block();
		}
		// Four validators take turns. Three of them, more than half, attest within three blocks.
		assert_eq!(clock, [0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7]);
		assert_eq!(Attestations::<Runtime>::get().len(), 4);
		assert_ok!(FinalityClock::do_try_state());
	});
}

#[test]
fn attestation_is_that_of_the_author() {
	preset("local_testnet").execute_with(|| {
		let number = begin(&genesis());
		apply_inherents(number, Some(0));
		let author = Session::validators()[1].clone();
		assert_eq!(Authorship::author(), Some(author.clone()));
		assert_eq!(Attestations::<Runtime>::get().get(&author), Some(&Attestation { finalized: 0, at: 1 }));
	});
}

#[test]
fn authors_whose_nodes_do_not_attest_make_valid_blocks() {
	preset("local_testnet").execute_with(|| {
		let mut parent = genesis();
		for finalized in [None, Some(2), Some(1_000), None] {
			let number = begin(&parent);
			// The time alone: what cannot be true is left out.
			assert_eq!(apply_inherents(number, finalized).len(), 1);
			parent = Executive::finalize_block();
		}
		assert!(Attestations::<Runtime>::get().is_empty());
		assert_eq!(FinalityClock::now(), 0);
	});
}

#[test]
fn blocks_with_an_attestation_that_cannot_be_true_are_invalid() {
	preset("local_testnet").execute_with(|| {
		let mut parent = genesis();
		let mut author = || {
			let number = begin(&parent);
			apply_inherents(number, None);
			let refused = Err(InvalidTransaction::BadMandatory.into());
			for finalized in [number, number + 1, BlockNumber::MAX] {
				assert_eq!(Executive::apply_extrinsic(attest(finalized)), refused);
			}
			assert_ok!(Executive::apply_extrinsic(attest(number - 1)).expect("valid"));
			assert_eq!(Executive::apply_extrinsic(attest(number - 1)), refused, "twice");
			parent = Executive::finalize_block();
		};
		author();
		author();
	});
}

#[test]
fn importing_nodes_check_attestations_against_the_number_of_the_block_alone() {
	preset("local_testnet").execute_with(|| {
		let mut parent = genesis();
		for _ in 0..5 {
			let number = begin(&parent);
			apply_inherents(number, None);
			parent = Executive::finalize_block();
		}
		let check = |finalized: BlockNumber, known: Option<BlockNumber>| {
			let header = Header::new(6, Default::default(), Default::default(), parent.hash(), Default::default());
			let time = RuntimeCall::from(pallet_timestamp::Call::set { now: 6 * SLOT });
			let block = Block::new(header, vec![UncheckedExtrinsic::new_bare(time), attest(finalized)]);
			Runtime::check_inherents(block.into(), data(6, known))
		};
		for known in [None, Some(0), Some(3), Some(1_000)] {
			for finalized in [0, 3, 5] {
				assert!(check(finalized, known).ok(), "{finalized}, {known:?}");
			}
			for finalized in [6, 7, BlockNumber::MAX] {
				let result = check(finalized, known);
				assert!(!result.ok() && result.fatal_error(), "{finalized}, {known:?}");
				let error = result.get_error::<InherentError>(&INHERENT_IDENTIFIER).expect("an error of that type");
				assert_eq!(error, Some(InherentError::NotAnAncestor));
			}
		}
	});
}

#[test]
fn nobody_can_send_an_attestation() {
	preset("local_testnet").execute_with(|| {
		begin(&genesis());
		for source in [TransactionSource::External, TransactionSource::Local, TransactionSource::InBlock] {
			let validity = Executive::validate_transaction(source, attest(0), Default::default());
			assert_eq!(validity.map(|_| ()), Err(InvalidTransaction::MandatoryValidation.into()));
		}
	});
}
