//! When it presses to challenge what others do not serve: before the time for the own work, and for being cut off, is gone.

use super::Worker;
use encrytrust_chain_client::{BlockNumber, Contract};
use encrytrust_protocol::Job;
use encrytrust_types::job::{Load, Stage};

/// What of the terms says how much time a party needs.
#[derive(Clone, Copy, Debug)]
struct Pace {
	base: BlockNumber,
	work_per_block: u32,
	bytes_per_block: u32,
}

impl Worker {
	/// From which value of the finality clock on this account challenges what it lacks for a stage that it owes; never, if it has
	/// no deadline.
	pub(super) fn pressing_from(&self, job: &Job, stage: Stage, deadline: Option<BlockNumber>) -> BlockNumber {
		let Some(deadline) = deadline else { return BlockNumber::MAX };
		// An account has one place in a job.
		let place = self.places(&job.contract).next();
		let load = place.map(|(role, place)| job.contract.load(stage, role, place)).unwrap_or_default();
		let terms = &self.config.terms;
		let pace =
			Pace { base: terms.base, work_per_block: terms.work_per_block, bytes_per_block: terms.bytes_per_block };
		pressing_from(&job.contract, stage, load, pace, deadline)
	}

	/// The finality clock at the newest head.
	pub(super) fn now(&self) -> BlockNumber {
		*self.now.borrow()
	}

	/// Returns once the finality clock has come to a value.
	pub(super) async fn reaches(&self, value: BlockNumber) {
		// The clock ends with the worker alone.
		let _ = self.now.subscribe().wait_for(|now| *now >= value).await;
	}
}

/// A stage has at least `T + M` blocks, and those that its party's terms ask for bytes, for work, and besides. `T + M` is what a party
/// has to answer a challenge: with that, with the time for the work and half of what is besides left, it presses. Where a stage is
/// longer, it presses when a quarter of it is over, but not before what there is to fetch can be there.
fn pressing_from(contract: &Contract, stage: Stage, load: Load, pace: Pace, deadline: BlockNumber) -> BlockNumber {
	let blocks = |amount: u64, rate: u32| {
		BlockNumber::try_from(amount.div_ceil(u64::from(rate).max(1))).unwrap_or(BlockNumber::MAX)
	};
	let length = contract.schedule.length(stage);
	let work = blocks(load.work, pace.work_per_block);
	let reserve = contract.answer_period.saturating_add(work).saturating_add(pace.base / 2);
	let fetching = pace.base.saturating_add(blocks(load.bytes, pace.bytes_per_block));
	let waiting = length.saturating_sub(reserve).min(fetching.max(length / 4));
	deadline.saturating_sub(length).saturating_add(waiting)
}

#[cfg(test)]
mod tests {
	use super::*;
	use encrytrust_chain_client::{AccountId, Party, Schedule, H256};
	use encrytrust_types::job::{Endpoint, Parameters, SelectionTerms, TemplateKind};

	const PACE: Pace = Pace { base: 10, work_per_block: 100, bytes_per_block: 1 << 20 };
	/// `T + M` on a live chain.
	const ANSWER: BlockNumber = 640;
	const BEGIN: BlockNumber = 5_000;

	fn contract(length: BlockNumber) -> Contract {
		let endpoint = Endpoint { sealing: [0; 32], peer: [0; 32], address: Default::default() };
		Contract {
			user: AccountId([9; 32]),
			template: 1,
			kind: TemplateKind::ColumnMean,
			parameters: Parameters::None,
			schema: Default::default(),
			data: Default::default(),
			computing: Default::default(),
			coordinator: Party { who: AccountId([4; 32]), pay: 1, charges: 0, endpoint },
			user_key: Default::default(),
			user_key_proof: [6; 32],
			selection: SelectionTerms { commitment: H256([0; 32]), selected: 1, sealed: Default::default() },
			schedule: Schedule { outputs: length, ..Schedule::uniform(1) },
			challenge_period: 1,
			answer_period: ANSWER,
			charge_per_byte: 0,
			user_charges: 0,
			fee: 0,
			bond: 0,
		}
	}

	#[test]
	fn it_presses_while_there_is_time_for_a_cut_and_for_the_work() {
		let load = |work, mebibytes: u64| Load { work, bytes: mebibytes << 20 };
		for (name, load, slack, expected) in [
			("little to do", load(5, 1), 0, 6),
			("a job of 255 parts of 128 blocks", load(32_640, 50), 0, 55),
			("with some time more than the terms ask for", load(32_640, 50), 3, 58),
			("with so much that a quarter of it is enough", load(5, 1), 3_348, 1_000),
			("with all of it for what is to be fetched", load(5, 1_000), 100, 1_010),
		] {
			let least = ANSWER + PACE.base + load.work.div_ceil(100) as u32 + (load.bytes >> 20) as u32;
			let length = least + slack;
			let from = pressing_from(&contract(length), Stage::Outputs, load, PACE, BEGIN + length) - BEGIN;
			assert_eq!(from, expected, "{name}");
			let left = length - from;
			assert!(left >= ANSWER + load.work.div_ceil(100) as u32 + PACE.base / 2, "{name}");
		}
	}

	#[test]
	fn it_presses_at_once_where_terms_have_changed_since() {
		let load = Load { work: 1_000_000, bytes: 1 };
		assert_eq!(pressing_from(&contract(700), Stage::Outputs, load, PACE, BEGIN + 700), BEGIN);
	}
}
