//! Names of what parties publish.

use crate::chain::AccountId;
use encrytrust_types::job::Stage;
use std::fmt;

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

/// These names are keys in workers' databases: they never change.
impl fmt::Display for Piece {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(f, "{} {} {}", stage_name(self.stage), self.who, self.piece)
	}
}

/// A stage's name for people and files.
pub fn stage_name(stage: Stage) -> &'static str {
	match stage {
		Stage::Confirmation => "confirmation",
		Stage::Selection => "selection",
		Stage::Inputs => "inputs",
		Stage::Outputs => "outputs",
		Stage::Result => "result",
	}
}
