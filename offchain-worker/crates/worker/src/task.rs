//! What a worker does for jobs: duties that the chain tells, and what follows from looking at others' work.

use crate::chain::Chain;
use encrytrust_chain_client::{Block, BlockNumber, Error as ChainError, Status};
use encrytrust_protocol::stage_name;
use encrytrust_types::{
	job::{DutyKind, Stage},
	JobId,
};
use std::fmt;

/// Something to be done. There is one intent for each job and kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
	/// For which job; for [`DutyKind::Resume`] the number of the role.
	pub job: JobId,
	/// What.
	pub kind: TaskKind,
	/// The last value of the finality clock at which it is of use; none for what stays useful.
	pub deadline: Option<BlockNumber>,
}

/// The kinds of tasks. No two of them have the same name: names are keys, in the database as well, and never change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaskKind {
	/// A duty.
	Duty(DutyKind),
	/// Challenge the availability of what the account needs in this stage.
	Challenge(Stage),
	/// Show a fault.
	Report,
}

impl TaskKind {
	/// Whether it can be due again once it was done. A job passes through each stage once, and ends once; a role can be
	/// suspended any number of times. (Publishing is due again and again, but is no intent.)
	pub fn recurs(&self) -> bool {
		*self == Self::Duty(DutyKind::Resume)
	}
}

/// The account's duties at a block as tasks.
pub async fn due<C: Chain + ?Sized>(chain: &C, head: Block) -> Result<Vec<Task>, ChainError> {
	let task = |duty: encrytrust_chain_client::Duty| Task {
		job: duty.job,
		kind: TaskKind::Duty(duty.kind),
		deadline: duty.deadline,
	};
	Ok(chain.duties(head).await?.into_iter().map(task).collect())
}

/// The stage in which a duty delivers.
pub fn stage_of(kind: DutyKind) -> Option<Stage> {
	match kind {
		DutyKind::Confirm => Some(Stage::Confirmation),
		DutyKind::CommitSelection => Some(Stage::Selection),
		DutyKind::CommitInputs => Some(Stage::Inputs),
		DutyKind::CommitOutput => Some(Stage::Outputs),
		DutyKind::CommitResult => Some(Stage::Result),
		DutyKind::Settle | DutyKind::Expire | DutyKind::Publish | DutyKind::ExpireChallenge | DutyKind::Resume => None,
	}
}

/// What the chain's state says of a task whose extrinsic was perhaps included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
	/// It is still to be done.
	Open,
	/// There is nothing left to do.
	Over,
}

/// What the state at a block says of the task with this name. An account's duties are open while the chain tells them, a
/// report until its job has ended, and a challenge while the stage is owed and not challenged.
pub async fn standing<C: Chain + ?Sized>(
	chain: &C,
	job: JobId,
	kind: &str,
	head: Block,
) -> Result<Standing, ChainError> {
	let open = |is_open| if is_open { Standing::Open } else { Standing::Over };
	let challenged = Stage::ALL.into_iter().find(|stage| TaskKind::Challenge(*stage).to_string() == kind);
	if challenged.is_some() || kind == TaskKind::Report.to_string() {
		let info = chain.job(job, head).await?.filter(|info| !info.status.is_ended());
		return Ok(open(info.is_some_and(|info| match (challenged, &info.status) {
			(Some(challenged), Status::Open { stage, awaited, .. }) => {
				let me = chain.account();
				*stage == challenged && awaited.iter().any(|awaited| awaited.who == me && !awaited.challenged)
			},
			(challenged, _) => challenged.is_none(),
		})));
	}
	let due = due(chain, head).await?;
	Ok(open(due.iter().any(|task| task.job == job && task.kind.to_string() == kind)))
}

impl fmt::Display for TaskKind {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Duty(kind) => f.write_str(duty_name(*kind)),
			Self::Challenge(stage) => write!(f, "challenge {}", stage_name(*stage)),
			Self::Report => f.write_str("report-fault"),
		}
	}
}

fn duty_name(kind: DutyKind) -> &'static str {
	match kind {
		DutyKind::Confirm => "confirm",
		DutyKind::CommitSelection => "commit-selection",
		DutyKind::CommitInputs => "commit-inputs",
		DutyKind::CommitOutput => "commit-output",
		DutyKind::CommitResult => "commit-result",
		DutyKind::Settle => "settle",
		DutyKind::Expire => "expire",
		DutyKind::Publish => "publish",
		DutyKind::ExpireChallenge => "expire-challenge",
		DutyKind::Resume => "resume-role",
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use std::collections::BTreeSet;

	#[test]
	fn no_two_tasks_of_a_job_have_the_same_name() {
		let duties = [
			DutyKind::Confirm,
			DutyKind::CommitSelection,
			DutyKind::CommitInputs,
			DutyKind::CommitOutput,
			DutyKind::CommitResult,
			DutyKind::Settle,
			DutyKind::Expire,
			DutyKind::Publish,
			DutyKind::ExpireChallenge,
			DutyKind::Resume,
		];
		let kinds = duties.into_iter().map(TaskKind::Duty).chain(Stage::ALL.map(TaskKind::Challenge));
		let kinds: Vec<TaskKind> = kinds.chain([TaskKind::Report]).collect();
		let names: BTreeSet<String> = kinds.iter().map(ToString::to_string).collect();
		assert_eq!(names.len(), kinds.len());
	}
}
