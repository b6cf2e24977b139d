//! Workers that cheat, to show that each way to do so is found: `docs/adr/0025-behaviours.md`.
//!
//! Every cheat changes what an honest role has made, or what its worker calls and serves, so that neither knows anything of
//! them.

mod port;

pub(crate) use port::LateDelivery;

use encrytrust_chain_client::{AccountId, H256};
use encrytrust_fault_proofs::{
	product_tree::Tree,
	wire::{inputs_leaves, Product},
};
use encrytrust_protocol::{
	decode_all, named, Blobs, Inputs, Job, PartsWriter, ProtocolError, Store, Trees, TreesWriter,
};
use encrytrust_transport::{BlobSource, PeerId};
use encrytrust_types::{
	job::{Commitment, Role, Selection, Stage},
	merkle,
};
use encrytrust_worker::{Behaviour, Chain};
use port::{Port, Receivers, Withheld};
use std::{path::PathBuf, sync::Arc};

/// What a worker does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cheat {
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
	/// A data provider commits to a transfer that is no ciphertext, for the last computing provider's last feature.
	Malformed,
	/// A data provider commits honestly, but neither serves nor publishes what it committed to.
	Withhold,
	/// A data provider serves nothing to one computing provider, and publishes what that one challenges.
	WithholdOne,
	/// Nothing is delivered in this stage.
	Silent(Stage),
	/// What is delivered in this stage is sent once its deadline has passed.
	Late(Stage),
}

impl Cheat {
	/// All cheats.
	pub(crate) const ALL: [Self; 17] = [
		Self::CpCell,
		Self::CpRow,
		Self::CpReplay,
		Self::CordSwap,
		Self::CordShort,
		Self::DpColumn,
		Self::Malformed,
		Self::Withhold,
		Self::WithholdOne,
		Self::Silent(Stage::Selection),
		Self::Silent(Stage::Inputs),
		Self::Silent(Stage::Outputs),
		Self::Silent(Stage::Result),
		Self::Late(Stage::Selection),
		Self::Late(Stage::Inputs),
		Self::Late(Stage::Outputs),
		Self::Late(Stage::Result),
	];

	/// Its name on the command line.
	pub(crate) const fn name(self) -> &'static str {
		match self {
			Self::CpCell => "cp-cell",
			Self::CpRow => "cp-row",
			Self::CpReplay => "cp-replay",
			Self::CordSwap => "cord-swap",
			Self::CordShort => "cord-short",
			Self::DpColumn => "dp-column",
			Self::Malformed => "malformed",
			Self::Withhold => "withhold",
			Self::WithholdOne => "withhold-one",
			Self::Silent(Stage::Confirmation) => "silent-confirmation",
			Self::Silent(Stage::Selection) => "silent-selection",
			Self::Silent(Stage::Inputs) => "silent-inputs",
			Self::Silent(Stage::Outputs) => "silent-outputs",
			Self::Silent(Stage::Result) => "silent-result",
			Self::Late(Stage::Confirmation) => "late-confirmation",
			Self::Late(Stage::Selection) => "late-selection",
			Self::Late(Stage::Inputs) => "late-inputs",
			Self::Late(Stage::Outputs) => "late-outputs",
			Self::Late(Stage::Result) => "late-result",
		}
	}

	/// In which role one cheats so.
	pub(crate) fn role(self) -> Role {
		match self {
			Self::CpCell | Self::CpRow | Self::CpReplay => Role::ComputingProvider,
			Self::CordSwap | Self::CordShort => Role::Coordinator,
			Self::DpColumn | Self::Malformed | Self::Withhold | Self::WithholdOne => Role::DataProvider,
			Self::Silent(stage) | Self::Late(stage) => match stage {
				Stage::Confirmation | Stage::Inputs => Role::DataProvider,
				Stage::Outputs => Role::ComputingProvider,
				Stage::Selection | Stage::Result => Role::Coordinator,
			},
		}
	}

	/// Whether this is not to deliver anything in `stage`.
	pub(crate) fn is_silent(self, stage: Stage) -> bool {
		self == Self::Silent(stage)
	}

	/// Whether this is to deliver too late in `stage`.
	pub(crate) fn is_late(self, stage: Stage) -> bool {
		self == Self::Late(stage)
	}

	/// The selection that a coordinator works with. One of all features stays as it is.
	pub(crate) fn selection(self, job: &Job, selection: Selection) -> Selection {
		let mut features = selection.features();
		let other = (0..job.features()).find(|feature| !features.contains(feature));
		let (Self::CordSwap, Some(first), Some(other)) = (self, features.first_mut(), other) else { return selection };
		*first = other;
		Selection::new(selection.salt, &features, job.features()).unwrap_or(selection)
	}

	/// What a data provider commits to, instead of its honest inputs in `store`.
	///
	/// # Errors
	///
	/// Inputs that are not this job's, or a store that does not keep.
	pub(crate) fn inputs(
		self,
		job: &Job,
		me: &AccountId,
		honest: Commitment,
		store: &dyn Store,
	) -> Result<Commitment, ProtocolError> {
		if !matches!(self, Self::DpColumn | Self::Malformed) {
			return Ok(honest);
		}
		let data = job.data_index(me)?;
		let inputs = Inputs::read(job, store, data, &honest)?;
		let mut parts = PartsWriter::new(store);
		for part in 0..job.contract.parts(data as u16) {
			let mut inputs = inputs.part(part)?;
			if self == Self::Malformed {
				if let Some(entry) = inputs.entries.last_mut() {
					entry.transfer.iter_mut().for_each(|byte| *byte = 0);
				}
				parts.push(inputs.root(), &inputs)?;
				continue;
			}
			let first = inputs.entries.iter_mut().zip(&mut inputs.ciphertexts).take(job.features().into());
			for (entry, leaves) in first {
				let others = leaves.iter().map(|leaf| merkle::leaf(0, leaf.as_bytes()));
				*leaves = others.collect();
				entry.ciphertexts = merkle::root(leaves);
			}
			parts.push(inputs.root(), &inputs)?;
		}
		parts.finish(|roots| merkle::root(&inputs_leaves(roots)))
	}

	/// What a computing provider commits to, instead of its honest output in `store`; `previous` are the trees of its
	/// output of another job, if it has one.
	///
	/// # Errors
	///
	/// An output that is not this job's, or a store that does not keep.
	pub(crate) fn output(
		self,
		job: &Job,
		me: &AccountId,
		honest: Commitment,
		store: &dyn Store,
		previous: Option<Vec<Tree>>,
	) -> Result<Commitment, ProtocolError> {
		let shape = job.shape(Stage::Outputs)?;
		let per_row = if job.contract.kind.is_row_wise() { 1 } else { job.contract.parameters.weights().len().max(1) };
		let kept = (shape.leaves() as usize).saturating_sub(per_row).max(1);
		let remake = |change: &dyn Fn(&mut Vec<Vec<u8>>)| remake(job, (Stage::Outputs, me), &honest, store, change);
		match (self, previous) {
			(Self::CpCell, _) => remake(&|leaves| add_one(job, leaves)),
			(Self::CpRow, _) => remake(&|leaves| leaves.truncate(kept)),
			(Self::CpReplay, Some(trees)) => replay(job, trees, store),
			(Self::CpReplay, None) => remake(&|leaves| zeros(job, leaves)),
			_ => Ok(honest),
		}
	}

	/// What a coordinator commits to, instead of its honest result in `store`.
	///
	/// # Errors
	///
	/// A result that is not this job's, or a store that does not keep.
	pub(crate) fn result(self, job: &Job, honest: Commitment, store: &dyn Store) -> Result<Commitment, ProtocolError> {
		let kept = job.contract.computing.len().saturating_sub(1).max(1);
		let me = &job.contract.coordinator.who;
		match self {
			Self::CordShort => remake(job, (Stage::Result, me), &honest, store, &|leaves| leaves.truncate(kept)),
			_ => Ok(honest),
		}
	}
}

/// A worker that cheats.
#[derive(Clone, Debug)]
pub(crate) struct Cheating {
	pub(crate) cheat: Cheat,
	/// The manifest of what the worker committed to in another job: it may use that again.
	pub(crate) earlier: Option<[u8; 32]>,
	/// The worker that it serves nothing to, if there is one.
	pub(crate) unserved: Option<PeerId>,
	/// Where it tells what came of a delivery that was late.
	pub(crate) late_delivery: PathBuf,
}

impl Behaviour for Cheating {
	fn is_silent(&self, stage: Stage) -> bool {
		self.cheat.is_silent(stage)
	}

	fn chain(&self, honest: Arc<dyn Chain>) -> Arc<dyn Chain> {
		match self.cheat {
			Cheat::Withhold | Cheat::Late(_) => Arc::new(Port::new(honest, self.cheat, self.late_delivery.clone())),
			_ => honest,
		}
	}

	fn blobs(&self, honest: Arc<dyn BlobSource>) -> Arc<dyn BlobSource> {
		match (self.cheat, self.unserved) {
			(Cheat::Withhold, _) => Arc::new(Withheld { blobs: honest, from: Receivers::All }),
			(Cheat::WithholdOne, Some(peer)) => Arc::new(Withheld { blobs: honest, from: Receivers::One(peer) }),
			_ => honest,
		}
	}

	fn selection(&self, job: &Job, honest: Selection) -> Selection {
		self.cheat.selection(job, honest)
	}

	fn inputs(
		&self,
		job: &Job,
		me: &AccountId,
		honest: Commitment,
		store: &dyn Store,
	) -> Result<Commitment, ProtocolError> {
		self.cheat.inputs(job, me, honest, store)
	}

	fn output(
		&self,
		job: &Job,
		me: &AccountId,
		honest: Commitment,
		store: &dyn Store,
	) -> Result<Commitment, ProtocolError> {
		let earlier = self.earlier.and_then(|manifest| trees(store, manifest));
		self.cheat.output(job, me, honest, store, earlier)
	}

	fn result(
		&self,
		job: &Job,
		_me: &AccountId,
		honest: Commitment,
		store: &dyn Store,
	) -> Result<Commitment, ProtocolError> {
		self.cheat.result(job, honest, store)
	}
}

/// A cheat by its name here: `cp`, `cord`, `dp`, `silent-cp`, `silent-dp`, `silent-cord`, `late-cp`, `late-dp`, `late-cord`,
/// or one of the finer kinds.
pub(crate) fn by_name(name: &str) -> Result<Cheat, String> {
	match name {
		"cp" => Ok(Cheat::CpCell),
		"cord" => Ok(Cheat::CordSwap),
		"dp" => Ok(Cheat::DpColumn),
		"silent-cp" => Ok(Cheat::Silent(Stage::Outputs)),
		"silent-dp" => Ok(Cheat::Silent(Stage::Inputs)),
		"silent-cord" => Ok(Cheat::Silent(Stage::Selection)),
		"late-cp" => Ok(Cheat::Late(Stage::Outputs)),
		"late-dp" => Ok(Cheat::Late(Stage::Inputs)),
		"late-cord" => Ok(Cheat::Late(Stage::Selection)),
		fine => fine.parse(),
	}
}

/// The first part of the trees that a manifest names, if it is at hand.
fn trees(blobs: &dyn Blobs, manifest: [u8; 32]) -> Option<Vec<Tree>> {
	let commitment = Commitment { root: H256::zero(), blob: manifest };
	let part = blobs.blob(named(blobs, &commitment).first()?)?;
	Some(decode_all::<Product>("", &part).ok()?.trees)
}

/// The same trees over other leaves.
fn remake(
	job: &Job,
	(stage, me): (Stage, &AccountId),
	honest: &Commitment,
	store: &dyn Store,
	change: &dyn Fn(&mut Vec<Vec<u8>>),
) -> Result<Commitment, ProtocolError> {
	let trees = Trees::read(job, store, stage, me, honest)?;
	let mut others = TreesWriter::new(job, stage, store)?;
	for part in 0..job.contract.output_parts() {
		for tree in trees.product(part)?.trees {
			let mut leaves = tree.levels.into_iter().next().unwrap_or_default();
			change(&mut leaves);
			let tree = job.tree(stage, leaves);
			others.push(tree.ok_or_else(|| ProtocolError::Sums("the leaves make up no tree".into()))?)?;
		}
	}
	others.finish()
}

/// As many trees of another job as this one has, over and over.
fn replay(job: &Job, previous: Vec<Tree>, store: &dyn Store) -> Result<Commitment, ProtocolError> {
	let mut trees = TreesWriter::new(job, Stage::Outputs, store)?;
	previous.into_iter().cycle().take(job.contract.outputs() as usize).try_for_each(|tree| trees.push(tree))?;
	trees.finish()
}

fn add_one(job: &Job, leaves: &mut [Vec<u8>]) {
	let one = job.ring().encrypt(&1u8.into(), &[1]).unwrap_or_default();
	if let Some(first) = leaves.first_mut() {
		*first = job.ring().multiply(first, &one).unwrap_or_default();
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

#[cfg(test)]
pub(crate) mod tests;
