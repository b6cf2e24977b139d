//! What was published of a job on chain, and what parties were charged.

use anyhow::{Context, Result};
use encrytrust_chain_client::{AccountId, Balance, Contract};
use encrytrust_job_client::events::{JobEvent, JobEventKind};
use encrytrust_types::job::Role;
use std::collections::BTreeMap;

/// What was published of a job, by the chain's events.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Publications {
	/// Who challenged each unit first.
	pub(super) challengers: BTreeMap<u32, AccountId>,
	/// How many bytes of each unit were published.
	published: BTreeMap<u32, u64>,
	pub(super) bytes: u64,
	/// Owner and challenger pay for each byte that was published, the challenger alone for each that was not: it has its place
	/// in the queue. Who reported the fault paid for that with its deposit.
	pub(super) charges: BTreeMap<AccountId, Balance>,
}

impl Publications {
	/// By the events of a job that has ended.
	pub(super) fn of(contract: &Contract, events: &[JobEvent]) -> Result<Self> {
		let mut all = Self::default();
		for event in events {
			match &event.kind {
				JobEventKind::Challenged { unit, challenger } => {
					all.challengers.entry(*unit).or_insert_with(|| challenger.clone());
				},
				JobEventKind::Published { unit, chunk } => {
					let which = contract.unit(*unit).context("a unit was published that there is not")?;
					let bytes =
						contract.chunk_bytes(&which, *chunk).context("a chunk was published that there is not")?;
					let owner = contract.unit_owner(&which).context("a unit has no owner")?;
					let challenger =
						all.challengers.get(unit).context("a unit was published that nobody challenged")?;
					*all.published.entry(*unit).or_default() += bytes;
					all.bytes += bytes;
					for who in [owner.who.clone(), challenger.clone()] {
						*all.charges.entry(who).or_default() += contract.charge_per_byte * Balance::from(bytes);
					}
				},
				JobEventKind::Faulty { reporter: Some(reporter), .. } => {
					*all.charges.entry(reporter.clone()).or_default() += report_deposit(contract, reporter);
				},
				_ => {},
			}
		}
		for (number, challenger) in &all.challengers {
			let unit = contract.unit(*number).context("a unit was challenged that there is not")?;
			let published = all.published.get(number).copied().unwrap_or_default();
			let missing = contract.unit_bytes(&unit).saturating_sub(published);
			if missing > 0 {
				*all.charges.entry(challenger.clone()).or_default() +=
					contract.charge_per_byte * Balance::from(missing);
			}
		}
		Ok(all)
	}

	/// What is not right: `unserved` alone challenged, units of `owner` alone, and all of them were published in full.
	pub(super) fn faults(&self, contract: &Contract, owner: &AccountId, unserved: &AccountId) -> Vec<String> {
		let mut faults = vec![];
		let mut check = |right: bool, fault: &str| {
			if !right {
				faults.push(fault.to_string());
			}
		};
		check(!self.challengers.is_empty(), "nobody challenged what was not served");
		check(self.challengers.values().all(|who| who == unserved), "somebody challenged who was served");
		let is_owners = |unit: &u32| {
			let unit = contract.unit(*unit);
			unit.and_then(|unit| contract.unit_owner(&unit)).is_some_and(|party| party.who == *owner)
		};
		check(self.challengers.keys().all(is_owners), "a unit was challenged that was served");
		let is_published = |number: &u32| {
			let bytes = contract.unit(*number).map(|unit| contract.unit_bytes(&unit));
			bytes.is_some() && self.published.get(number).copied() == bytes
		};
		check(self.challengers.keys().all(is_published), "a unit that was challenged was not published in full");
		let mut charges = self.charges.values();
		let first = charges.next();
		check(charges.all(|charge| Some(charge) == first), "one was charged more than the other");
		faults
	}
}

/// What the charges of an account of the job contain for a report; nothing of others, who pay a fee.
fn report_deposit(contract: &Contract, who: &AccountId) -> Balance {
	let data = (0u16..).zip(&contract.data).map(|(place, data)| (Role::DataProvider, place, &data.party));
	let computing =
		(0u16..).zip(&contract.computing).map(|(place, other)| (Role::ComputingProvider, place, &other.party));
	let mut parties = data.chain(computing).chain([(Role::Coordinator, 0, &contract.coordinator)]);
	let (charges, bytes) = match parties.find(|(_, _, party)| party.who == *who) {
		Some((role, place, party)) => (party.charges, contract.party_publication(role, place)),
		None if contract.user == *who => (contract.user_charges, contract.user_publication()),
		None => return 0,
	};
	charges.saturating_sub(contract.charge_per_byte * Balance::from(bytes))
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::behaviours::tests::play::{computing_provider, data_provider, Question};
	use encrytrust_types::job::Unit;

	const ENTRIES: Unit = Unit::Entries { data: 0, part: 0 };
	const MESSAGE: Unit = Unit::Message { data: 0, computing: 1, part: 0 };

	fn contract() -> Contract {
		Contract { charge_per_byte: 3, ..(*Question::means().ask().job.contract).clone() }
	}

	/// The events of a job in which the second computing provider challenged these units, and all of them was published.
	fn events(contract: &Contract, units: &[Unit]) -> Vec<JobEvent> {
		let number = |unit: &Unit| contract.unit_index(unit).unwrap();
		let challenger = computing_provider(1);
		let challenged = |unit| JobEventKind::Challenged { unit: number(unit), challenger: challenger.clone() };
		let published = |unit| {
			let chunks = 0..contract.unit_chunks(unit);
			chunks.map(move |chunk| JobEventKind::Published { unit: number(unit), chunk })
		};
		let kinds = units.iter().map(challenged).chain(units.iter().flat_map(published));
		kinds.map(|kind| JobEvent { block: 9, time: 0, kind }).collect()
	}

	fn faults(contract: &Contract, events: &[JobEvent]) -> Vec<String> {
		let publications = Publications::of(contract, events).unwrap();
		publications.faults(contract, &data_provider(0), &computing_provider(1))
	}

	#[test]
	fn owner_and_challenger_are_charged_alike_for_each_published_byte() {
		let contract = contract();
		let publications = Publications::of(&contract, &events(&contract, &[ENTRIES, MESSAGE])).unwrap();
		let bytes = contract.unit_bytes(&ENTRIES) + contract.unit_bytes(&MESSAGE);
		let charge = 3 * Balance::from(bytes);
		assert_eq!(publications.bytes, bytes);
		assert_eq!(publications.charges, [(data_provider(0), charge), (computing_provider(1), charge)].into());
		assert_eq!(faults(&contract, &events(&contract, &[ENTRIES, MESSAGE])), Vec::<String>::new());
	}

	#[test]
	fn challenger_alone_is_charged_for_what_is_not_published() {
		let contract = contract();
		let mut events = events(&contract, &[MESSAGE]);
		events.truncate(1);
		let publications = Publications::of(&contract, &events).unwrap();
		let charge = 3 * Balance::from(contract.unit_bytes(&MESSAGE));
		assert_eq!(publications.bytes, 0);
		assert_eq!(publications.charges, [(computing_provider(1), charge)].into());
	}

	#[test]
	fn reporter_is_charged_its_deposit_and_a_stranger_nothing() {
		let mut contract = contract();
		let publication = contract.party_publication(Role::ComputingProvider, 1);
		contract.computing[1].party.charges = 3 * Balance::from(publication) + 11;
		let reported = |reporter| {
			let fault = "Column".into();
			let kind = JobEventKind::Faulty { offender: data_provider(0), fault, reporter };
			Publications::of(&contract, &[JobEvent { block: 9, time: 0, kind }]).unwrap().charges
		};
		assert_eq!(reported(Some(computing_provider(1))), [(computing_provider(1), 11)].into());
		assert_eq!(reported(Some(data_provider(9))), [(data_provider(9), 0)].into());
		assert_eq!(reported(None), BTreeMap::new());
	}

	#[test]
	fn faults_report_what_was_challenged_in_vain_by_others_or_of_others() {
		let contract = contract();
		let all = || events(&contract, &[ENTRIES, MESSAGE]);
		let mut unpublished = all();
		unpublished.pop();
		let mut by_another = all();
		let JobEventKind::Challenged { challenger, .. } = &mut by_another[0].kind else { panic!("a challenge") };
		*challenger = computing_provider(0);
		let others = events(&contract, &[Unit::Entries { data: 1, part: 0 }]);
		for (case, events, said) in [
			("nothing", vec![], "nobody challenged"),
			("not all of it", unpublished, "not published in full"),
			("by another", by_another, "challenged who was served"),
			("of another", others, "challenged that was served"),
		] {
			let faults = faults(&contract, &events);
			assert!(faults.iter().any(|fault| fault.contains(said)), "{case}: {faults:?}");
		}
	}

	#[test]
	fn publication_that_nobody_challenged_is_an_error() {
		let contract = contract();
		let events = events(&contract, &[ENTRIES]);
		assert!(Publications::of(&contract, &events[1..]).is_err());
	}
}
