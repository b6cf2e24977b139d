//! What a stage takes of a party: work, and bytes to fetch and to serve. Terms and charges are made of these.

use super::{contract::Contract, party::Role, stage::Stage, unit::Unit};

/// What a stage takes of a party.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
	/// Ciphertexts that it makes or multiplies.
	pub work: u64,
	/// Bytes of the units that it needs from others, and of those that it makes.
	pub bytes: u64,
}

impl<AccountId, Balance, BlockNumber> Contract<AccountId, Balance, BlockNumber> {
	/// What `stage` takes of the party in this place of its role. Nothing if it owes nothing in the stage.
	pub fn load(&self, stage: Stage, role: Role, place: u16) -> Load {
		let features = u64::from(self.features());
		let computing = self.computing.len() as u64;
		let work = match (stage, role) {
			(Stage::Selection, Role::Coordinator) => features.saturating_mul(computing),
			(Stage::Inputs, Role::DataProvider) => {
				features.saturating_mul(computing).saturating_mul(self.blocks(place).into())
			},
			(Stage::Outputs, Role::ComputingProvider) => self.work(),
			(Stage::Result, Role::Coordinator) => computing.saturating_mul(self.outputs().into()),
			_ => return Load::default(),
		};
		let needed = self.needed_units(stage, role, place).filter_map(|index| self.unit(index));
		let own = self.own_units(stage, role, place);
		let bytes = needed.chain(own).fold(0u64, |bytes, unit| bytes.saturating_add(self.unit_bytes(&unit)));
		Load { work, bytes }
	}

	/// The units that a party in this place of its role makes in `stage`.
	pub fn own_units(&self, stage: Stage, role: Role, place: u16) -> impl Iterator<Item = Unit> + '_ {
		self.all_units().filter(move |unit| {
			let owner = match unit {
				Unit::Selection { .. } | Unit::Result { .. } => (Role::Coordinator, 0),
				Unit::Entries { data, .. } | Unit::Message { data, .. } => (Role::DataProvider, *data),
				Unit::Outputs { computing, .. } => (Role::ComputingProvider, *computing),
			};
			unit.stage() == stage && owner == (role, place)
		})
	}

	/// Bytes of all units that a party needs or makes, in all stages: the most that is published on chain by it or for it.
	pub fn party_publication(&self, role: Role, place: u16) -> u64 {
		Stage::ALL.into_iter().fold(0, |bytes, stage| bytes.saturating_add(self.load(stage, role, place).bytes))
	}

	/// Bytes of all units that the user may challenge.
	pub fn user_publication(&self) -> u64 {
		let units = self.user_units().filter_map(|index| self.unit(index));
		units.fold(0, |bytes, unit| bytes.saturating_add(self.unit_bytes(&unit)))
	}
}
