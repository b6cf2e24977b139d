//! Ways to cheat, to show that each of them is found: `docs/adr/0015-cheats-in-the-worker.md`.
//!
//! Every cheat changes what an honest role has made, so that the roles themselves know nothing of them. The worker takes
//! one by its hidden option `--cheat`, and only on a development chain.

use super::{Job, Published};
use encrytrust_primitives::bmpc::{Selection, Stage};

/// What a worker does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cheat {
	/// A computing provider adds 1 to a ciphertext that it multiplies.
	CpCell,
	/// A computing provider leaves a data provider's row of ciphertexts out.
	CpRow,
	/// A computing provider answers with the output of another job.
	CpReplay,
	/// A coordinator selects another column than the user.
	CordSwap,
	/// A coordinator leaves a computing provider's output out of the result.
	CordShort,
	/// A data provider commits to other ciphertexts than it seals.
	DpColumn,
	/// Nothing is delivered in this stage.
	Silent(Stage),
}

impl Cheat {
	/// All cheats.
	pub const ALL: &[Self] = &[];

	/// Its name on the command line: `cp-cell`, `silent-outputs`, ….
	pub fn name(self) -> &'static str {
		unimplemented!()
	}

	/// Whether this cheat is not to deliver in `stage`.
	pub fn is_silent(self, stage: Stage) -> bool {
		self == Self::Silent(stage)
	}

	/// The selection that a coordinator works with.
	pub fn selection(self, _job: &Job, _selection: Selection) -> Selection {
		unimplemented!()
	}

	/// What a data provider commits to; the blobs that it made serve on.
	pub fn inputs(self, _job: &Job, _inputs: super::dp::Inputs) -> super::dp::Inputs {
		unimplemented!()
	}

	/// What a computing provider publishes; `previous` is the blob of an output of another job, if it has one.
	pub fn output(self, _job: &Job, _output: Published, _previous: Option<&[u8]>) -> Published {
		unimplemented!()
	}

	/// What a coordinator publishes.
	pub fn result(self, _job: &Job, _result: Published) -> Published {
		unimplemented!()
	}
}

impl std::str::FromStr for Cheat {
	type Err = String;

	fn from_str(_name: &str) -> Result<Self, String> {
		unimplemented!()
	}
}
