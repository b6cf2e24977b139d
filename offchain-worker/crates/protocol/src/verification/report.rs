//! A job looked at from its end: who committed to what, and what of it holds.

use super::{check, Finding, Outcome, View};
use crate::{
	chain::{AccountId, BlockNumber, JobInfo, Status},
	error::ProtocolError,
	job::Job,
	keys::{verify_keys, Evidence},
	names::unit_name,
};
use encrytrust_fault_proofs::Fault;
use encrytrust_types::job::{Role, Stage};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What there is to say about a job, line by line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
	/// The job.
	pub job: u64,
	/// The contract's hash, which all parties confirmed.
	pub contract: String,
	/// How the job stands or ended, in one line.
	pub status: String,
	/// Whether whoever looked knew the selection.
	pub with_selection: bool,
	/// What was looked at, by stage and party.
	pub lines: Vec<Line>,
	/// Nothing that was looked at is wrong or missing, and the job did not end by a fault or in silence.
	pub sound: bool,
}

/// One check of one commitment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
	/// The block of the commitment; none for what stands in the contract.
	pub block: Option<BlockNumber>,
	/// The stage; confirmation for what stands in the contract.
	pub stage: Stage,
	/// Who: `data provider 1`, `coordinator`, ….
	pub party: String,
	/// Its account.
	pub who: String,
	/// What was checked.
	pub check: String,
	/// With which result.
	pub verdict: Verdict,
	/// Why, unless it holds.
	pub reason: Option<String>,
}

/// The result of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
	/// It is as it should be.
	Holds,
	/// It is not; one extrinsic shows it.
	Faulty,
	/// It is not, but nobody is charged with it.
	Wrong,
	/// The bytes are not there, or not those committed to.
	Missing,
	/// Not to be seen from here.
	Unseen,
}

/// The stages in which something is published, and the contract itself.
const STAGES: [Stage; 5] = [Stage::Confirmation, Stage::Selection, Stage::Inputs, Stage::Outputs, Stage::Result];

/// Checks all stages of a job, as far as the view shows them. Keys whose proofs are at hand are verified anew.
pub fn report(view: &View<'_>, info: &JobInfo) -> Report {
	let keys = check(view, Stage::Confirmation);
	// The findings are in the order of the claims.
	let mut outcomes = keys.iter().map(|finding| &finding.outcome);
	let proven = verify_keys(view.job, |_| match outcomes.next() {
		Some(Outcome::Holds) => Ok(Evidence::VerifiedBefore),
		_ => Err(ProtocolError::Commitment("a proof about a key".into())),
	});
	let proven = proven.ok();
	let view = View { keys: proven.as_ref().or(view.keys), ..*view };
	let stages = STAGES.into_iter().skip(1).flat_map(|stage| check(&view, stage));
	let mut lines = vec![contract_line(&view, info)];
	lines.extend(keys.into_iter().chain(stages).map(|finding| line(view.job, info, finding)));
	let right = lines.iter().all(|line| matches!(line.verdict, Verdict::Holds | Verdict::Unseen));
	Report {
		job: view.job.id,
		contract: format!("{:?}", info.contract_hash),
		status: status(view.job, &info.status),
		with_selection: view.selection.is_some(),
		sound: right && !matches!(info.status, Status::Faulty { .. } | Status::Expired { .. }),
		lines,
	}
}

fn contract_line(view: &View<'_>, info: &JobInfo) -> Line {
	let same = info.contract.hash(&view.job.genesis, view.job.id) == info.contract_hash;
	Line {
		block: Some(info.requested_at),
		stage: Stage::Confirmation,
		party: "user".into(),
		who: info.contract.user.to_string(),
		check: "the contract has the hash that the parties confirm".into(),
		verdict: if same { Verdict::Holds } else { Verdict::Wrong },
		reason: (!same).then(|| "the node tells another contract".into()),
	}
}

fn line(job: &Job, info: &JobInfo, finding: Finding) -> Line {
	let delivered =
		info.commitments.iter().find(|delivered| delivered.stage == finding.stage && delivered.who == finding.who);
	let (verdict, reason) = match finding.outcome {
		Outcome::Holds => (Verdict::Holds, None),
		Outcome::Faulty(fault) => (Verdict::Faulty, Some(describe(&fault))),
		Outcome::Refused(why) => (Verdict::Wrong, Some(why)),
		Outcome::Missing { unit, why } => (Verdict::Missing, Some(format!("{}: {why}", unit_name(&unit)))),
		Outcome::Pending(why) | Outcome::Unseen(why) => (Verdict::Unseen, Some(why.into())),
	};
	Line {
		block: delivered.map(|delivered| delivered.at),
		stage: finding.stage,
		party: finding.role.map_or_else(|| "user".into(), |role| party(job, role, &finding.who)),
		who: finding.who.to_string(),
		check: finding.check.into_owned(),
		verdict,
		reason,
	}
}

/// A party as people speak of it.
fn party(job: &Job, role: Role, who: &AccountId) -> String {
	let numbered =
		|name: &str, index: Option<usize>| index.map_or_else(|| name.into(), |index| format!("{name} {}", index + 1));
	match role {
		Role::DataProvider => numbered("data provider", job.data_index(who).ok()),
		Role::ComputingProvider => numbered("computing provider", job.computing_index(who).ok()),
		Role::Coordinator => "coordinator".into(),
	}
}

/// What a proof is about.
fn describe(fault: &Fault) -> String {
	match fault {
		Fault::Product { output, node, .. } if node.level == 0 => {
			format!("tree {output}: leaf {} is no ciphertext", node.index)
		},
		Fault::Product { output, node, .. } => {
			format!("tree {output}: node {} of level {} is not the product of its children", node.index, node.level)
		},
		Fault::Shape { output, root, .. } => format!("tree {output} has {} levels above its leaves", root.level),
		Fault::Output { output, data, .. } => {
			format!("tree {output}: a leaf is not what data provider {} committed to", data + 1)
		},
		Fault::Result { output, computing, .. } => {
			format!("tree {output}: a leaf is not the output of computing provider {}", computing + 1)
		},
		Fault::Selector { computing, feature, .. } => {
			format!("the selector of feature {} for computing provider {} is another", feature.feature, computing + 1)
		},
		Fault::SelectionProof { computing, .. } => {
			format!("the proof for computing provider {} does not hold", computing + 1)
		},
		Fault::Entry { computing, feature, entry, .. } => {
			format!(
				"the entry of feature {feature} for computing provider {} in part {} is none",
				computing + 1,
				entry.part
			)
		},
		Fault::Column { computing, feature, entry, block, .. } => {
			format!("block {block} of part {}, feature {feature} for computing provider {} does not open to what was committed to", entry.part, computing + 1)
		},
		Fault::Transfer { computing, feature, entry, .. } => {
			format!(
				"feature {feature} for computing provider {} in part {}: the proof that the transferred number is known does not hold",
				computing + 1,
				entry.part
			)
		},
	}
}

/// How a job stands, in one line.
fn status(job: &Job, status: &Status) -> String {
	let role = |who: &AccountId| {
		let found = job.contract.parties().find(|(_, party)| party.who == *who);
		found.map_or_else(|| who.to_string(), |(role, _)| format!("{} ({who})", party(job, role, who)))
	};
	match status {
		Status::Open { stage, since, .. } => format!("open: stage {} since block {since}", word(stage)),
		Status::Lapsed { at } => format!("lapsed in block {at}: not all confirmed"),
		Status::Cancelled { at } => format!("cancelled in block {at} by the user"),
		Status::Challenge { until, .. } => format!("the result is there; it may be challenged until block {until}"),
		Status::Settled { at } => format!("settled in block {at}: everyone was paid"),
		Status::Expired { stage, late, at } => {
			let late: Vec<_> = late.iter().map(role).collect();
			format!("expired in block {at}: stage {} was not over in time, late: {}", word(stage), late.join(", "))
		},
		Status::Declined { by, reason, at } => format!("declined in block {at} by {}: {}", role(by), word(reason)),
		Status::Faulty { offender, fault, reporter, at } => {
			let shown = match reporter {
				Some(reporter) => format!("shown by {}", role(reporter)),
				None => "a challenged unit was not published".into(),
			};
			format!("ended by a fault in block {at}: {}, {}, {shown}", role(offender), word(fault))
		},
	}
}

/// An enum's variant as it is written in JSON.
fn word(value: &impl Serialize) -> String {
	serde_json::to_value(value).ok().and_then(|value| value.as_str().map(String::from)).unwrap_or_default()
}

impl fmt::Display for Report {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		writeln!(f, "job {}, contract {}", self.job, self.contract)?;
		writeln!(f, "{}", self.status)?;
		for line in &self.lines {
			writeln!(f, "{line}")?;
		}
		let view = if self.with_selection { "with the selection" } else { "as a stranger sees it" };
		let sum = if self.sound { "nothing is wrong" } else { "NOT SOUND: see above" };
		write!(f, "{view}: {sum}")
	}
}

impl fmt::Display for Line {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let block = self.block.map_or_else(|| "-".into(), |block| block.to_string());
		write!(
			f,
			"{:<7} {block:>8}  {:<12} {:<21} {}",
			word(&self.verdict),
			word(&self.stage),
			self.party,
			self.check
		)?;
		self.reason.as_ref().map_or(Ok(()), |reason| write!(f, ": {reason}"))
	}
}
