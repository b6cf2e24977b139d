//! The stages of a job, and their deadlines.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// The stages in which somebody owes something.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
	/// Every party confirms the contract's hash.
	Confirmation,
	/// The coordinator commits the selection.
	Selection,
	/// The data providers commit their inputs.
	Inputs,
	/// The computing providers commit their outputs.
	Outputs,
	/// The coordinator commits the result.
	Result,
}

impl Stage {
	/// All stages in their order.
	pub const ALL: [Self; 5] = [Self::Confirmation, Self::Selection, Self::Inputs, Self::Outputs, Self::Result];
}

/// The blocks by which each stage must be over; strictly increasing.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize,
)]
pub struct Schedule<BlockNumber> {
	/// Every provider has confirmed.
	pub confirm_by: BlockNumber,
	/// The coordinator has committed the selection.
	pub select_by: BlockNumber,
	/// Every data provider has committed its inputs.
	pub inputs_by: BlockNumber,
	/// Every computing provider has committed its output.
	pub outputs_by: BlockNumber,
	/// The coordinator has committed the result.
	pub result_by: BlockNumber,
}

impl<BlockNumber: Copy + PartialOrd> Schedule<BlockNumber> {
	/// The last block in which `stage` may end.
	pub fn deadline(&self, stage: Stage) -> BlockNumber {
		match stage {
			Stage::Confirmation => self.confirm_by,
			Stage::Selection => self.select_by,
			Stage::Inputs => self.inputs_by,
			Stage::Outputs => self.outputs_by,
			Stage::Result => self.result_by,
		}
	}

	/// Whether each stage ends after the one before.
	pub fn is_increasing(&self) -> bool {
		let by = Stage::ALL.map(|stage| self.deadline(stage));
		by.iter().zip(by.iter().skip(1)).all(|(earlier, later)| earlier < later)
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_schedule_must_increase() {
		let mut schedule = Schedule { confirm_by: 1, select_by: 2, inputs_by: 3, outputs_by: 4, result_by: 5 };
		assert!(schedule.is_increasing());
		schedule.outputs_by = 3;
		assert!(!schedule.is_increasing());
	}
}
