//! What can be seen of a job by those who look: every check that a role can make of what the others committed to, and
//! the proof or the challenge that follows from one that fails.
//!
//! A stranger sees the proofs about keys and selectors, digests and roots, entries, shapes and products, and the
//! coordinator's leaves. With the selection (user, coordinator, computing providers) also every selector and every leaf;
//! with a computing provider's secret key also what the data providers sealed for it.

mod answer;
mod availability;
mod inputs;
mod keys;
pub mod report;
mod selection;
mod trees;
mod wanted;

pub use answer::{answer_chunk, is_committed};
pub use availability::missing;
pub use encrytrust_fault_proofs::answer::Answer;
pub use inputs::SealedInputs;
pub use selection::{published_message, published_selection};
pub use trees::published_trees;
pub use wanted::{wanted, Wanted, KEY_PROOF_BYTES};

use crate::{
	blobs::Blobs,
	chain::{AccountId, Balance, BlockNumber, Delivered, H256},
	job::Job,
	keys::ProvenKeys,
};
use encrytrust_fault_proofs::big_integers::Native;
use encrytrust_fault_proofs::{Fault, FaultContext};
use encrytrust_paillier::SecretKey;
use encrytrust_types::job::{Commitment, Role, Selection, Stage, Unit};
use std::{borrow::Cow, cell::LazyCell, iter};

/// What somebody holds of a job.
#[derive(Clone, Copy)]
pub struct View<'a> {
	/// The job.
	pub job: &'a Job,
	/// What was committed to so far.
	pub commitments: &'a [Delivered],
	/// What was published.
	pub blobs: &'a dyn Blobs,
	/// The computing providers' keys, if the proofs about them were verified: selections are verified under no others.
	pub keys: Option<&'a ProvenKeys>,
	/// The selection, if it is known.
	pub selection: Option<&'a Selection>,
	/// A computing provider's place and key.
	pub computing: Option<(usize, &'a SecretKey)>,
}

impl std::fmt::Debug for View<'_> {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		f.debug_struct("View").field("job", &self.job.id).finish_non_exhaustive()
	}
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
	/// The stage that it belongs to; [`Stage::Confirmation`] for keys.
	pub stage: Stage,
	/// Who made it.
	pub who: AccountId,
	/// In which role; none for the user.
	pub role: Option<Role>,
	/// What was checked, in words.
	pub check: Cow<'static, str>,
	/// What came out.
	pub outcome: Outcome,
}

/// What comes out of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
	/// It is as it should be.
	Holds,
	/// It is not, and this shows it to the chain: `report_fault(job, fault)`.
	Faulty(Box<Fault>),
	/// A message unit is not at hand, or not what its root says: the remedy is the availability challenge. Whether one is
	/// missing is judged over the whole unit, and so in the same way for every selection.
	Missing {
		/// Which unit.
		unit: Unit,
		/// Why.
		why: String,
	},
	/// It is wrong in a way that the chain does not charge anybody with.
	Refused(String),
	/// What it takes is not at hand yet: look again.
	Pending(&'static str),
	/// This view never shows it.
	Unseen(&'static str),
}

/// The faults among findings, each with the one who is to blame.
pub fn faults(findings: &[Finding]) -> impl Iterator<Item = (&AccountId, &Fault)> {
	findings.iter().filter_map(|finding| match &finding.outcome {
		Outcome::Faulty(fault) => Some((&finding.who, &**fault)),
		_ => None,
	})
}

/// Checks everything that was committed to in a stage, as far as this view shows it; in [`Stage::Confirmation`], the
/// proofs about keys. Where a party is at fault, nothing more of that party's is looked at than shows it.
pub fn check(view: &View<'_>, stage: Stage) -> Vec<Finding> {
	view.check_each(stage).flatten().collect()
}

/// As [`check`], but nothing more is looked at after the first fault that the chain takes: one ends the job.
pub fn check_until_fault(view: &View<'_>, stage: Stage) -> Vec<Finding> {
	let mut findings = Vec::new();
	for of_party in view.check_each(stage) {
		findings.extend(of_party);
		if faults(&findings).next().is_some() {
			break;
		}
	}
	findings
}

/// What all checks share.
impl View<'_> {
	/// What is found of one party after the other, looked at as it is asked for.
	fn check_each(&self, stage: Stage) -> Box<dyn Iterator<Item = Vec<Finding>> + '_> {
		let data = 0..self.job.contract.data.len();
		let computing = 0..self.job.computing.len();
		match stage {
			Stage::Confirmation => Box::new(iter::once_with(move || self.check_keys())),
			Stage::Selection => Box::new(iter::once_with(move || self.check_selection())),
			Stage::Inputs => {
				let selectors = LazyCell::new(move || self.selectors());
				Box::new(data.map(move |data| self.check_inputs(data, &selectors)))
			},
			Stage::Outputs => Box::new(computing.map(move |index| self.check_output(index))),
			Stage::Result => Box::new(iter::once_with(move || self.check_result())),
		}
	}

	fn commitment(&self, stage: Stage, who: &AccountId) -> Option<Commitment> {
		let found = self.commitments.iter().find(|delivered| delivered.stage == stage && delivered.who == *who);
		found.map(|delivered| delivered.commitment)
	}

	fn faults(
		&self,
	) -> FaultContext<'_, AccountId, Balance, BlockNumber, impl Fn(Stage, &AccountId) -> Option<H256> + '_> {
		FaultContext {
			genesis: self.job.genesis,
			job: self.job.id,
			contract: &self.job.contract,
			roots: |stage, who: &AccountId| self.commitment(stage, who).map(|commitment| commitment.root),
			integers: &Native,
		}
	}

	/// What was looked for and perhaps found.
	fn found(&self, fault: Option<Fault>) -> Outcome {
		fault.map_or(Outcome::Holds, |fault| self.shown(Some(fault), "nothing shows it"))
	}

	/// Something is wrong: with its proof, if there is one that the chain will take.
	fn shown(&self, fault: Option<Fault>, why: &str) -> Outcome {
		match fault.filter(|fault| encrytrust_fault_proofs::check(&self.faults(), fault).is_ok()) {
			Some(fault) => Outcome::Faulty(Box::new(fault)),
			None => Outcome::Refused(why.into()),
		}
	}
}

const SELECTION_UNKNOWN: Outcome =
	Outcome::Unseen("the selection is known to the user, the coordinator and the computing providers");

/// Whose commitment is looked at.
struct Party {
	stage: Stage,
	who: AccountId,
	role: Role,
}

impl Party {
	/// A unit is not at hand.
	fn missing(&self, check: &'static str, unit: Unit, why: impl ToString) -> Finding {
		self.finding(check, Outcome::Missing { unit, why: why.to_string() })
	}

	fn finding(&self, check: impl Into<Cow<'static, str>>, outcome: Outcome) -> Finding {
		Finding { stage: self.stage, who: self.who.clone(), role: Some(self.role), check: check.into(), outcome }
	}
}
