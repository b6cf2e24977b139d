//! What a worker does for jobs: duties that the chain tells, and what follows from looking at others' work.

use crate::chain::Chain;
use encrytrust_chain_client::{Block, BlockNumber, Demand, Error as ChainError};
use encrytrust_protocol::Piece;
use encrytrust_types::{job::DutyKind, JobId};
use std::fmt;

/// Something to be done with one extrinsic. There is one intent for each job and kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
	/// For which job.
	pub job: JobId,
	/// What.
	pub kind: TaskKind,
	/// The last block in which it is of use; none for what stays useful.
	pub deadline: Option<BlockNumber>,
}

/// The kinds of tasks. No two of them have the same name: names are keys, in the database as well, and never change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaskKind {
	/// A duty that needs no more than its job to be told; never one about demands.
	Duty(DutyKind),
	/// Answer the demand that must be answered by this block: the same piece may be demanded again.
	Answer(Piece, BlockNumber),
	/// Expire a demand.
	ExpireDemand(Piece),
	/// Demand what cannot be had.
	Demand(Piece),
	/// Show a fault.
	Report,
}

/// The account's duties at a block as tasks: one about demands becomes one for each.
pub async fn due<C: Chain + ?Sized>(chain: &C, head: Block) -> Result<Vec<Task>, ChainError> {
	let me = chain.account();
	let mut tasks = Vec::new();
	for duty in chain.duties(head).await? {
		let task = |kind| Task { job: duty.job, kind, deadline: duty.deadline };
		let mut add = |task: Task| {
			if !tasks.contains(&task) {
				tasks.push(task);
			}
		};
		match duty.kind {
			DutyKind::AnswerDemand | DutyKind::ExpireDemand => {
				for demand in chain.demands(duty.job, head).await? {
					let deadline = demand.deadline;
					let overdue = deadline <= head.number;
					let piece = demanded(&demand);
					match duty.kind {
						DutyKind::AnswerDemand if demand.who == me && !overdue => {
							add(Task { deadline: Some(deadline), ..task(TaskKind::Answer(piece, deadline)) });
						},
						DutyKind::ExpireDemand if overdue => add(task(TaskKind::ExpireDemand(piece))),
						_ => {},
					}
				}
			},
			kind => add(task(TaskKind::Duty(kind))),
		}
	}
	Ok(tasks)
}

/// What a demand is about.
fn demanded(demand: &Demand) -> Piece {
	Piece { stage: demand.stage, who: demand.who.clone(), piece: demand.piece }
}

/// What the chain's state says of a task whose extrinsic was perhaps included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
	/// It is still to be done.
	Open,
	/// There is nothing left to do.
	Over,
	/// It was done and is over, or it was not done: whoever wanted it has to look again.
	Unclear,
}

/// What the state at a block says of the task with this name. An account's duties are open while the chain tells them, a
/// report until its job has ended, and so is a demand at most: it leaves no trace once it is answered.
pub async fn standing<C: Chain + ?Sized>(
	chain: &C,
	job: JobId,
	kind: &str,
	head: Block,
) -> Result<Standing, ChainError> {
	let open = |is_open| if is_open { Standing::Open } else { Standing::Over };
	let is_report = kind == TaskKind::Report.to_string();
	let is_demand = kind.starts_with(DEMAND);
	if is_report || is_demand {
		let is_open = chain.job(job, head).await?.is_some_and(|info| !info.status.is_ended());
		if is_report || !is_open {
			return Ok(open(is_open));
		}
	}
	if is_demand {
		let demands = chain.demands(job, head).await?;
		let is_same = |demand: &Demand| TaskKind::Demand(demanded(demand)).to_string() == kind;
		return Ok(if demands.iter().any(is_same) { Standing::Over } else { Standing::Unclear });
	}
	let due = due(chain, head).await?;
	Ok(open(due.iter().any(|task| task.job == job && task.kind.to_string() == kind)))
}

/// How the names of demands begin.
const DEMAND: &str = "demand ";

impl fmt::Display for TaskKind {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Duty(kind) => f.write_str(duty_name(*kind)),
			Self::Answer(piece, by) => write!(f, "answer-demand {piece} by {by}"),
			Self::ExpireDemand(piece) => write!(f, "expire-demand {piece}"),
			Self::Demand(piece) => write!(f, "{DEMAND}{piece}"),
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
		DutyKind::AnswerDemand => "answer-demand",
		DutyKind::ExpireDemand => "expire-demand",
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use encrytrust_chain_client::AccountId;
	use encrytrust_types::job::Stage;
	use std::collections::BTreeSet;

	#[test]
	fn no_two_tasks_of_a_job_have_the_same_name() {
		let piece = |stage, byte, piece| Piece { stage, who: AccountId([byte; 32]), piece };
		let pieces = [
			piece(Stage::Outputs, 1, 0),
			piece(Stage::Result, 1, 0),
			piece(Stage::Outputs, 2, 0),
			piece(Stage::Outputs, 1, 10),
		];
		let duties = [DutyKind::Confirm, DutyKind::CommitSelection, DutyKind::Settle, DutyKind::Expire];
		let mut kinds: Vec<TaskKind> = duties.into_iter().map(TaskKind::Duty).chain([TaskKind::Report]).collect();
		for piece in pieces {
			kinds.extend([1, 11].map(|by| TaskKind::Answer(piece.clone(), by)));
			kinds.extend([TaskKind::ExpireDemand(piece.clone()), TaskKind::Demand(piece)]);
		}
		let names: BTreeSet<String> = kinds.iter().map(ToString::to_string).collect();
		assert_eq!(names.len(), kinds.len());
		for kind in kinds {
			assert_eq!(kind.to_string().starts_with(DEMAND), matches!(kind, TaskKind::Demand(_)), "{kind}");
		}
	}
}
