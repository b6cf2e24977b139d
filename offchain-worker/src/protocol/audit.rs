//! A job looked at from its end: who committed to what, and what of it holds.

use super::watch::View;
use encrytrust_chain_client::JobInfo;
use serde::{Deserialize, Serialize};

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
	/// Nothing that was looked at is wrong or missing.
	pub sound: bool,
}

/// One check of one commitment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
	/// The block of the commitment; none where there is none.
	pub block: Option<u32>,
	/// The stage.
	pub stage: String,
	/// Who: `data provider 1`, `coordinator`, ….
	pub role: String,
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
	/// The bytes are not there, or not those committed to.
	Missing,
	/// Not to be seen from here.
	Unseen,
}

/// Checks all stages of a job, as far as the view shows them.
pub fn report(_view: &View<'_>, _info: &JobInfo) -> Report {
	unimplemented!()
}

impl std::fmt::Display for Report {
	fn fmt(&self, _f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		unimplemented!()
	}
}
