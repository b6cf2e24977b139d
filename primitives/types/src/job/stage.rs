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

/// How long each party has for each stage, from the end of the stage before, in blocks of the finality clock.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize,
)]
pub struct Schedule<BlockNumber> {
	/// For every provider to confirm or decline.
	pub confirmation: BlockNumber,
	/// For the coordinator to commit the selection.
	pub selection: BlockNumber,
	/// For every data provider to commit its inputs.
	pub inputs: BlockNumber,
	/// For every computing provider to commit its output.
	pub outputs: BlockNumber,
	/// For the coordinator to commit the result.
	pub result: BlockNumber,
}

impl<BlockNumber: Copy> Schedule<BlockNumber> {
	/// The same length for every stage.
	pub fn uniform(length: BlockNumber) -> Self {
		Self { confirmation: length, selection: length, inputs: length, outputs: length, result: length }
	}

	/// How long `stage` is.
	pub fn length(&self, stage: Stage) -> BlockNumber {
		match stage {
			Stage::Confirmation => self.confirmation,
			Stage::Selection => self.selection,
			Stage::Inputs => self.inputs,
			Stage::Outputs => self.outputs,
			Stage::Result => self.result,
		}
	}
}
