//! Ways to cheat, to show that each of them is found: `docs/adr/0016-cheats-in-the-worker.md`.
//!
//! Every cheat changes what an honest role has made, so that the roles themselves know nothing of them. The worker takes
//! one by its hidden option `--cheat`, and only on a development chain.

use super::{decode_all, dp::Inputs, Job, ProtocolError, Published};
use encrytrust_primitives::{
	bmpc::{Selection, Stage},
	merkle,
	product_tree::Tree,
	wire::{InputsManifest, Product},
};

/// What a worker does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cheat {
	/// A computing provider adds 1 to a number that it multiplies.
	CpCell,
	/// A computing provider leaves the last data provider out.
	CpRow,
	/// A computing provider answers with the output of another job, or has it none, with zeros.
	CpReplay,
	/// A coordinator selects another feature than the user.
	CordSwap,
	/// A coordinator leaves the last computing provider's output out of the result.
	CordShort,
	/// A data provider commits to other ciphertexts than it seals for the first computing provider.
	DpColumn,
	/// Nothing is delivered in this stage.
	Silent(Stage),
}

impl Cheat {
	/// All cheats.
	pub const ALL: [Self; 11] = [
		Self::CpCell,
		Self::CpRow,
		Self::CpReplay,
		Self::CordSwap,
		Self::CordShort,
		Self::DpColumn,
		Self::Silent(Stage::Confirmation),
		Self::Silent(Stage::Selection),
		Self::Silent(Stage::Inputs),
		Self::Silent(Stage::Outputs),
		Self::Silent(Stage::Result),
	];

	/// Its name on the command line.
	pub const fn name(self) -> &'static str {
		match self {
			Self::CpCell => "cp-cell",
			Self::CpRow => "cp-row",
			Self::CpReplay => "cp-replay",
			Self::CordSwap => "cord-swap",
			Self::CordShort => "cord-short",
			Self::DpColumn => "dp-column",
			Self::Silent(Stage::Confirmation) => "silent-confirmation",
			Self::Silent(Stage::Selection) => "silent-selection",
			Self::Silent(Stage::Inputs) => "silent-inputs",
			Self::Silent(Stage::Outputs) => "silent-outputs",
			Self::Silent(Stage::Result) => "silent-result",
		}
	}

	/// Whether this is not to deliver anything in `stage`.
	pub fn is_silent(self, stage: Stage) -> bool {
		self == Self::Silent(stage)
	}

	/// The selection that a coordinator works with. One of all features stays as it is.
	pub fn selection(self, job: &Job, selection: Selection) -> Selection {
		let mut features = selection.features();
		let other = (0..job.features()).find(|feature| !features.contains(feature));
		let (Self::CordSwap, Some(first), Some(other)) = (self, features.first_mut(), other) else { return selection };
		*first = other;
		Selection::new(selection.salt, &features, job.features()).unwrap_or(selection)
	}

	/// What a data provider publishes.
	///
	/// # Errors
	///
	/// Inputs that are not this job's.
	pub fn inputs(self, job: &Job, inputs: Inputs) -> Result<Inputs, ProtocolError> {
		if self != Self::DpColumn {
			return Ok(inputs);
		}
		let mut manifest: InputsManifest = decode_all("the own manifest", &inputs.published.blob)?;
		for entry in manifest.entries.iter_mut().take(job.features().into()) {
			entry.ciphertexts = merkle::leaf(0, b"another ciphertext");
		}
		Ok(Inputs { published: Published::new(manifest.root(), &manifest), ..inputs })
	}

	/// What a computing provider publishes; `previous` is the blob of its output of another job, if it has one.
	///
	/// # Errors
	///
	/// An output that is not this job's.
	pub fn output(self, job: &Job, output: Published, previous: Option<&[u8]>) -> Result<Published, ProtocolError> {
		let last = job.contract.data.len().saturating_sub(1);
		let kept = match job.contract.parameters.weights().len() {
			0 => last,
			weights => last * weights,
		};
		match (self, previous) {
			(Self::CpCell, _) => remake(job, Stage::Outputs, &output, |leaves| add_one(job, leaves)),
			(Self::CpRow, _) => remake(job, Stage::Outputs, &output, |leaves| leaves.truncate(kept.max(1))),
			(Self::CpReplay, Some(blob)) => job.publish(Stage::Outputs, &decode_all("another job's output", blob)?),
			(Self::CpReplay, None) => remake(job, Stage::Outputs, &output, |leaves| zeros(job, leaves)),
			_ => Ok(output),
		}
	}

	/// What a coordinator publishes.
	///
	/// # Errors
	///
	/// A result that is not this job's.
	pub fn result(self, job: &Job, result: Published) -> Result<Published, ProtocolError> {
		let kept = job.contract.computing.len().saturating_sub(1).max(1);
		match self {
			Self::CordShort => remake(job, Stage::Result, &result, |leaves| leaves.truncate(kept)),
			_ => Ok(result),
		}
	}
}

/// The same trees over other leaves.
fn remake(
	job: &Job,
	stage: Stage,
	published: &Published,
	change: impl Fn(&mut Vec<Vec<u8>>),
) -> Result<Published, ProtocolError> {
	let product: Product = decode_all("the own products", &published.blob)?;
	let tree = |tree: Tree| {
		let mut leaves = tree.levels.into_iter().next().unwrap_or_default();
		change(&mut leaves);
		job.tree(stage, leaves)
	};
	let trees = product.trees.into_iter().map(tree).collect::<Option<Vec<_>>>();
	let trees = trees.ok_or_else(|| ProtocolError::Sums("the leaves make up no tree".into()))?;
	job.publish(stage, &Product { trees })
}

fn add_one(job: &Job, leaves: &mut [Vec<u8>]) {
	let one = job.ring.encrypt(&1u8.into(), &[1]).unwrap_or_default();
	if let Some(first) = leaves.first_mut() {
		*first = job.ring.multiply(first, &one).unwrap_or_default();
	}
}

fn zeros(job: &Job, leaves: &mut [Vec<u8>]) {
	for leaf in leaves {
		*leaf = job.key.encrypt(&job.key.zero()).to_bytes();
	}
}

impl std::str::FromStr for Cheat {
	type Err = String;

	fn from_str(name: &str) -> Result<Self, String> {
		let found = Self::ALL.into_iter().find(|cheat| cheat.name() == name);
		found.ok_or_else(|| format!("there is no cheat '{name}': name one of {}", Self::ALL.map(Self::name).join(", ")))
	}
}
