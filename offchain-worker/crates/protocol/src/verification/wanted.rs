//! What a check takes, and who has it.

use super::View;
use crate::{
	chain::{AccountId, Delivered},
	inputs::named_message,
	keys::{self, Holder},
	parts::named,
};
use encrytrust_types::job::{Role, Stage};

/// A blob to be fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
	/// sha2-256.
	pub digest: [u8; 32],
	/// Who serves it.
	pub from: AccountId,
	/// In which role.
	pub role: Role,
}

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
		let wanted =
			|delivered: &Delivered| Wanted { digest: delivered.commitment.blob, from: delivered.who.clone(), role };
		delivered.map(wanted).collect()
	}

	/// The proofs about keys: the user's is served by the coordinator.
	fn wanted_proofs(&self) -> Vec<Wanted> {
		let coordinator = &self.job.contract.coordinator.who;
		let claims = keys::claims(self.job).into_iter();
		let wanted = claims.map(|claim| match claim.holder {
			Holder::User => Wanted { digest: claim.proof, from: coordinator.clone(), role: Role::Coordinator },
			Holder::Computing(_) => Wanted { digest: claim.proof, from: claim.owner, role: Role::ComputingProvider },
		});
		wanted.collect()
	}

	/// What was committed to in a stage, and the parts that it names, as far as these names are at hand.
	fn wanted_parts(&self, stage: Stage) -> Vec<Wanted> {
		let manifests = self.wanted_of(stage).into_iter();
		let with_parts = manifests.flat_map(|manifest| {
			let commitment = self.commitment(stage, &manifest.from);
			let parts = commitment.map(|commitment| named(self.blobs, &commitment)).unwrap_or_default();
			// Whoever names more parts than there are names them in vain.
			let parts = parts.into_iter().take(self.parts(stage, &manifest.from) as usize);
			let part = |digest| Wanted { digest, ..manifest.clone() };
			std::iter::once(manifest.clone()).chain(parts.map(part)).collect::<Vec<_>>()
		});
		with_parts.collect()
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
		let message =
			|part: Wanted| Some(Wanted { digest: named_message(self.blobs, &part.digest, computing)?, ..part });
		self.wanted_parts(Stage::Inputs).into_iter().filter_map(message).collect()
	}
}
