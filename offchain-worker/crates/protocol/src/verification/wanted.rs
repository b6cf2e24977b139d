//! What a check takes, and who has it.

use super::View;
use crate::{
	chain::{AccountId, Delivered},
	inputs::named_message,
	keys::{self, Holder},
	parts::named,
};
use encrytrust_types::job::{Role, Stage, Unit};

/// A blob to be fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
	/// sha2-256.
	pub digest: [u8; 32],
	/// Who serves it.
	pub from: AccountId,
	/// In which role.
	pub role: Role,
	/// What it is at most long, by the contract.
	pub max_bytes: u64,
}

/// The longest proof about a key.
pub const KEY_PROOF_BYTES: u64 = 64 << 10;
/// What lengths and prefixes in SCALE add to what is published, besides an eighth.
const OVERHEAD: u64 = 16 << 10;
/// Bytes of a part's digest and root in a manifest.
const PART_BYTES: u64 = 64;

/// The blobs that are not at hand and that a check of `stage` would look at. Fetch them and ask again: a manifest names
/// parts, and parts of inputs name messages.
pub fn wanted(view: &View<'_>, stage: Stage) -> Vec<Wanted> {
	let mut all = match stage {
		Stage::Confirmation => view.wanted_proofs(),
		Stage::Selection => view.wanted_of(stage),
		Stage::Inputs => [view.wanted_parts(stage), view.wanted_messages()].concat(),
		Stage::Outputs | Stage::Result => view.wanted_parts(stage),
	};
	match stage {
		Stage::Inputs if view.computing.is_some() => all.extend(view.wanted_of(Stage::Selection)),
		Stage::Outputs if view.selection.is_some() => all.extend(view.wanted_parts(Stage::Inputs)),
		Stage::Result => all.extend(view.wanted_parts(Stage::Outputs)),
		_ => {},
	}
	all.retain(|wanted| !view.blobs.has(&wanted.digest));
	all
}

impl View<'_> {
	/// What was committed to in a stage.
	fn wanted_of(&self, stage: Stage) -> Vec<Wanted> {
		let role = match stage {
			Stage::Confirmation | Stage::Selection | Stage::Result => Role::Coordinator,
			Stage::Inputs => Role::DataProvider,
			Stage::Outputs => Role::ComputingProvider,
		};
		let delivered = self.commitments.iter().filter(|delivered| delivered.stage == stage);
		let wanted = |delivered: &Delivered| {
			let max_bytes = self.committed_bytes(stage, &delivered.who);
			Wanted { digest: delivered.commitment.blob, from: delivered.who.clone(), role, max_bytes }
		};
		delivered.map(wanted).collect()
	}

	/// The most bytes of what a party commits to in a stage: a manifest, or all messages of the coordinator.
	fn committed_bytes(&self, stage: Stage, who: &AccountId) -> u64 {
		let parts = u64::from(self.parts(stage, who)).saturating_mul(PART_BYTES);
		let messages = match stage {
			Stage::Selection => {
				let units =
					(0..self.job.computing.len()).map(|computing| Unit::Selection { computing: computing as u16 });
				units.map(|unit| self.blob_bytes(&unit)).fold(0, u64::saturating_add)
			},
			_ => 0,
		};
		parts.saturating_add(messages).saturating_add(OVERHEAD)
	}

	/// The most bytes of a blob with what a unit has.
	fn blob_bytes(&self, unit: &Unit) -> u64 {
		let bytes = self.job.contract.unit_bytes(unit);
		bytes.saturating_add(bytes / 8).saturating_add(OVERHEAD)
	}

	/// The proofs about keys: the user's is served by the coordinator.
	fn wanted_proofs(&self) -> Vec<Wanted> {
		let coordinator = &self.job.contract.coordinator.who;
		let claims = keys::claims(self.job).into_iter();
		let wanted = claims.map(|claim| match claim.holder {
			Holder::User => (claim.proof, coordinator.clone(), Role::Coordinator),
			Holder::Computing(_) => (claim.proof, claim.owner, Role::ComputingProvider),
		});
		let wanted = wanted.map(|(digest, from, role)| Wanted { digest, from, role, max_bytes: KEY_PROOF_BYTES });
		wanted.collect()
	}

	/// What was committed to in a stage, and the parts that it names, as far as these names are at hand.
	fn wanted_parts(&self, stage: Stage) -> Vec<Wanted> {
		let manifests = self.wanted_of(stage).into_iter();
		let with_parts = manifests.flat_map(|manifest| {
			let commitment = self.commitment(stage, &manifest.from);
			let parts = commitment.map(|commitment| named(self.blobs, &commitment)).unwrap_or_default();
			// Whoever names more parts than there are names them in vain.
			let parts = (0..self.parts(stage, &manifest.from)).zip(parts);
			let part = |(part, digest)| {
				let max_bytes = self.part_unit(stage, &manifest.from, part).map_or(0, |unit| self.blob_bytes(&unit));
				Wanted { digest, max_bytes, ..manifest.clone() }
			};
			std::iter::once(manifest.clone()).chain(parts.map(part)).collect::<Vec<_>>()
		});
		with_parts.collect()
	}

	/// The unit that has what a part of a party has.
	fn part_unit(&self, stage: Stage, who: &AccountId, part: u32) -> Option<Unit> {
		match stage {
			Stage::Inputs => Some(Unit::Entries { data: self.job.data_index(who).ok()? as u16, part }),
			Stage::Outputs => Some(Unit::Outputs { computing: self.job.computing_index(who).ok()? as u16, part }),
			Stage::Result => Some(Unit::Result { part }),
			Stage::Confirmation | Stage::Selection => None,
		}
	}

	/// How many parts a party publishes in a stage.
	fn parts(&self, stage: Stage, who: &AccountId) -> u32 {
		match stage {
			Stage::Inputs => self.job.data_index(who).map_or(0, |data| self.job.contract.parts(data as u16)),
			Stage::Outputs | Stage::Result => self.job.contract.output_parts(),
			Stage::Confirmation | Stage::Selection => 0,
		}
	}

	/// What the data providers sealed for the computing provider who looks, as far as the names are at hand.
	fn wanted_messages(&self) -> Vec<Wanted> {
		let Some((computing, _)) = self.computing else { return Vec::new() };
		let mut messages = Vec::new();
		for manifest in self.wanted_of(Stage::Inputs) {
			let Ok(data) = self.job.data_index(&manifest.from) else { continue };
			let parts = self.commitment(Stage::Inputs, &manifest.from).map(|commitment| named(self.blobs, &commitment));
			for (part, digest) in (0..self.job.contract.parts(data as u16)).zip(parts.unwrap_or_default()) {
				let unit = Unit::Message { data: data as u16, computing: computing as u16, part };
				let message = named_message(self.job, self.blobs, &digest, computing);
				let max_bytes = self.blob_bytes(&unit);
				messages.extend(message.map(|digest| Wanted { digest, max_bytes, ..manifest.clone() }));
			}
		}
		messages
	}
}
