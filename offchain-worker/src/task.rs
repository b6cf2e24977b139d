//! What a worker does for jobs: duties that the chain tells, and what follows from looking at others' work.

use encrytrust_chain_client::{AccountId, BlockNumber, Demand};
use encrytrust_primitives::bmpc::{DutyKind, JobId, Stage};
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

/// A part of what a party committed to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Piece {
	/// In which stage.
	pub stage: Stage,
	/// Who.
	pub who: AccountId,
	/// Which part; see `docs/protocol/bmpc.md`.
	pub piece: u32,
}

impl Piece {
	/// What a demand is about.
	pub fn of(demand: &Demand) -> Self {
		Self { stage: demand.stage, who: demand.who.clone(), piece: demand.piece }
	}
}

impl fmt::Display for TaskKind {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Duty(kind) => f.write_str(duty_name(*kind)),
			Self::Answer(piece, by) => write!(f, "answer-demand {piece} by {by}"),
			Self::ExpireDemand(piece) => write!(f, "expire-demand {piece}"),
			Self::Demand(piece) => write!(f, "demand {piece}"),
			Self::Report => f.write_str("report-fault"),
		}
	}
}

impl fmt::Display for Piece {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(f, "{} {} {}", crate::timeline::stage_name(self.stage), self.who, self.piece)
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
	}
}
