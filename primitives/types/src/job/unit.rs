//! Message units: in what portions parties publish on chain what they committed to, once they are challenged to.
//!
//! A *unit* is the whole message from one party to another for one part, with all features, or a whole part of entries or of
//! product trees. Naming one reveals nothing of the selection. It is published in *chunks* of whole *items*: leaves of a
//! selection message, entries, features of a message, product trees. Which items a chunk has, and how long each of them is,
//! follows from the contract alone.

use super::{
	contract::{Contract, Party},
	party::Role,
	stage::Stage,
};
use codec::{Compact, CompactLen, Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::ops::Range;
use scale_info::TypeInfo;

/// Bytes of a chunk, unless a single item has more.
pub const CHUNK_BYTES: u64 = 256 << 10;
/// Bytes of the longest chunk: one product tree of a weighted sum over 512 leaves under a key of 3,072 bits, 1,535 values of
/// 768 bytes. Only trees of more than 170 leaves are longer than [`CHUNK_BYTES`]; no other item is.
pub const MAX_CHUNK_BYTES: u32 = 1_535 * 768;
/// Bytes of a selection message's leaf behind the selectors, unless it is the last.
pub const MESSAGE_LEAF: u64 = 64 << 10;
/// The most bytes of a packet before it is sealed, unless a single ciphertext has more.
pub const PACKET_BYTES: u64 = 8_192;
/// Bytes by which sealing lengthens a packet.
pub const SEAL_BYTES: u64 = 16;
/// Bytes of a hash.
const HASH: u64 = 32;
/// A chunk of a selection message has the leaves that begin in a window of so many bytes: with the last of them it is not
/// longer than [`CHUNK_BYTES`].
const WINDOW: u64 = CHUNK_BYTES - MESSAGE_LEAF;

/// What one party publishes for another, or for all, at once. Parties are named by their places in the contract.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Hash,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum Unit {
	/// The coordinator's message for a computing provider.
	Selection {
		/// For whom.
		computing: u16,
	},
	/// All entries of a part of a data provider's inputs, with the leaves of their ciphertexts.
	Entries {
		/// Whose.
		data: u16,
		/// Which part.
		part: u32,
	},
	/// What a data provider sealed for a computing provider in a part: each feature with its entry and leaves.
	Message {
		/// Whose.
		data: u16,
		/// For whom.
		computing: u16,
		/// Which part.
		part: u32,
	},
	/// A part of a computing provider's product trees.
	Outputs {
		/// Whose.
		computing: u16,
		/// Which part.
		part: u32,
	},
	/// A part of the coordinator's product trees.
	Result {
		/// Which part.
		part: u32,
	},
}

impl Unit {
	/// The stage of the commitment that the unit belongs to.
	pub fn stage(&self) -> Stage {
		match self {
			Self::Selection { .. } => Stage::Selection,
			Self::Entries { .. } | Self::Message { .. } => Stage::Inputs,
			Self::Outputs { .. } => Stage::Outputs,
			Self::Result { .. } => Stage::Result,
		}
	}
}

/// Bytes of an entry in SCALE, for a computing provider whose modulus has so many bytes: transfer, its proof, two roots and
/// two counts.
pub fn entry_bytes(modulus: usize) -> u64 {
	let whole = number_bytes(modulus.saturating_mul(2));
	let numbers = whole.saturating_add(number_bytes(modulus)).saturating_mul(2);
	numbers.saturating_add(HASH.saturating_add(4).saturating_mul(2))
}

/// Bytes in SCALE of a number of so many bytes.
fn number_bytes(length: usize) -> u64 {
	let length = length as u32;
	(Compact::<u32>::compact_len(&length) as u64).saturating_add(length.into())
}

/// Bytes of a selection message about so many features under a modulus of so many bytes.
pub fn message_bytes(features: u16, modulus: usize) -> u64 {
	let (features, modulus) = (u64::from(features), modulus as u64);
	let ciphertexts = features.saturating_mul(3).saturating_add(1).saturating_mul(modulus.saturating_mul(2));
	ciphertexts.saturating_add(features.saturating_mul(16)).saturating_add(modulus)
}

/// Whole ciphertexts of `bytes` bytes in a packet: it is sealed and opened without its neighbours.
pub fn ciphertexts_per_packet(bytes: u64) -> u64 {
	PACKET_BYTES.checked_div(bytes).unwrap_or_default().max(1)
}

/// The leaves of a selection message: a selector for each feature, then the rest in runs of [`MESSAGE_LEAF`] bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageLeaves {
	features: u64,
	selector: u64,
	bytes: u64,
}

impl MessageLeaves {
	/// Of a message about so many features under a modulus of so many bytes.
	pub fn new(features: u16, modulus: usize) -> Self {
		let selector = (modulus as u64).saturating_mul(2);
		Self { features: features.into(), selector, bytes: message_bytes(features, modulus) }
	}

	/// Bytes of the message.
	pub fn bytes(&self) -> u64 {
		self.bytes
	}

	/// How many there are.
	pub fn count(&self) -> u32 {
		let rest = self.bytes.saturating_sub(self.start(self.features));
		self.features.saturating_add(rest.div_ceil(MESSAGE_LEAF).max(1)) as u32
	}

	/// Where a leaf begins.
	pub fn start(&self, leaf: u64) -> u64 {
		let behind = leaf.saturating_sub(self.features).saturating_mul(MESSAGE_LEAF);
		leaf.min(self.features).saturating_mul(self.selector).saturating_add(behind).min(self.bytes)
	}

	/// The first leaf that begins at this byte or behind it.
	fn from(&self, byte: u64) -> u64 {
		let selectors = self.start(self.features);
		match byte.checked_sub(selectors) {
			None => byte.checked_div(self.selector).map_or(0, |_| byte.div_ceil(self.selector.max(1))),
			Some(behind) => self.features.saturating_add(behind.div_ceil(MESSAGE_LEAF)),
		}
	}

	fn chunks(&self) -> u32 {
		let last = self.start(u64::from(self.count()).saturating_sub(1));
		last.checked_div(WINDOW).unwrap_or_default().saturating_add(1) as u32
	}

	fn of_chunk(&self, chunk: u32) -> Range<u32> {
		let leaf = |chunk: u64| (self.from(chunk.saturating_mul(WINDOW)).min(self.count().into())) as u32;
		leaf(chunk.into())..leaf(u64::from(chunk).saturating_add(1))
	}
}

impl<AccountId, Balance, BlockNumber> Contract<AccountId, Balance, BlockNumber> {
	/// Number of units. Those of the selection come first, by computing provider; then, for each data provider and each part,
	/// its entries and its messages by computing provider; then the outputs by computing provider and part; then the
	/// result.
	pub fn units(&self) -> u32 {
		let parts = (0..self.data.len() as u16).fold(0u32, |parts, data| parts.saturating_add(self.parts(data)));
		let trees = self.output_parts().saturating_mul(self.providers().saturating_add(1));
		self.providers().saturating_add(parts.saturating_mul(self.units_of_part())).saturating_add(trees)
	}

	/// The unit of a number; `None` if there are not as many.
	pub fn unit(&self, index: u32) -> Option<Unit> {
		let Some(mut rest) = index.checked_sub(self.providers()) else {
			return Some(Unit::Selection { computing: index as u16 });
		};
		for data in 0..self.data.len() as u16 {
			let units = self.parts(data).checked_mul(self.units_of_part())?;
			match rest.checked_sub(units) {
				Some(later) => rest = later,
				None => return self.unit_of_inputs(data, rest),
			}
		}
		let parts = self.output_parts();
		let (computing, part) = (rest.checked_div(parts)?, rest.checked_rem(parts)?);
		match computing.checked_sub(self.providers()) {
			None => Some(Unit::Outputs { computing: computing as u16, part }),
			Some(0) => Some(Unit::Result { part }),
			Some(_) => None,
		}
	}

	fn unit_of_inputs(&self, data: u16, index: u32) -> Option<Unit> {
		let part = index.checked_div(self.units_of_part())?;
		Some(match index.checked_rem(self.units_of_part())?.checked_sub(1) {
			None => Unit::Entries { data, part },
			Some(computing) => Unit::Message { data, computing: computing as u16, part },
		})
	}

	/// The number of a unit; `None` if the contract does not have it.
	pub fn unit_index(&self, unit: &Unit) -> Option<u32> {
		self.has_unit(unit).then_some(())?;
		let of_inputs = |data: u16, part: u32, within: u32| {
			let before = (0..data).fold(0u32, |parts, data| parts.saturating_add(self.parts(data)));
			let units = before.checked_add(part)?.checked_mul(self.units_of_part())?.checked_add(within)?;
			self.providers().checked_add(units)
		};
		let of_trees = |computing: u32, part: u32| {
			let inputs = of_inputs(self.data.len() as u16, 0, 0)?;
			computing.checked_mul(self.output_parts())?.checked_add(part)?.checked_add(inputs)
		};
		match *unit {
			Unit::Selection { computing } => Some(computing.into()),
			Unit::Entries { data, part } => of_inputs(data, part, 0),
			Unit::Message { data, computing, part } => of_inputs(data, part, u32::from(computing).checked_add(1)?),
			Unit::Outputs { computing, part } => of_trees(computing.into(), part),
			Unit::Result { part } => of_trees(self.providers(), part),
		}
	}

	/// Whether the contract has such a unit.
	pub fn has_unit(&self, unit: &Unit) -> bool {
		let computes = |computing: u16| u32::from(computing) < self.providers();
		match *unit {
			Unit::Selection { computing } => computes(computing),
			Unit::Entries { data, part } => part < self.parts(data),
			Unit::Message { data, computing, part } => computes(computing) && part < self.parts(data),
			Unit::Outputs { computing, part } => computes(computing) && part < self.output_parts(),
			Unit::Result { part } => part < self.output_parts(),
		}
	}

	/// All units, in the order of their numbers.
	pub fn all_units(&self) -> impl Iterator<Item = Unit> + '_ {
		let computing = || 0..self.computing.len() as u16;
		let of_part = move |data, part| {
			let messages = computing().map(move |computing| Unit::Message { data, computing, part });
			core::iter::once(Unit::Entries { data, part }).chain(messages)
		};
		let inputs = (0..self.data.len() as u16)
			.flat_map(move |data| (0..self.parts(data)).flat_map(move |part| of_part(data, part)));
		let outputs = computing()
			.flat_map(move |computing| (0..self.output_parts()).map(move |part| Unit::Outputs { computing, part }));
		let result = (0..self.output_parts()).map(|part| Unit::Result { part });
		computing().map(|computing| Unit::Selection { computing }).chain(inputs).chain(outputs).chain(result)
	}

	/// Who has to publish a unit; `None` if the contract does not have it.
	pub fn unit_owner(&self, unit: &Unit) -> Option<&Party<AccountId, Balance>> {
		self.has_unit(unit).then_some(())?;
		match *unit {
			Unit::Selection { .. } | Unit::Result { .. } => Some(&self.coordinator),
			Unit::Entries { data, .. } | Unit::Message { data, .. } => {
				self.data.get(usize::from(data)).map(|data| &data.party)
			},
			Unit::Outputs { computing, .. } => {
				self.computing.get(usize::from(computing)).map(|computing| &computing.party)
			},
		}
	}

	/// The numbers of the units that the party in this role and place needs from others for what it owes in `stage`,
	/// ascending.
	pub fn needed_units(&self, stage: Stage, role: Role, place: u16) -> impl Iterator<Item = u32> + '_ {
		let numbered = (0u32..).zip(self.all_units());
		numbered.filter(move |(_, unit)| unit.is_needed(stage, role, place)).map(|(number, _)| number)
	}

	/// The numbers of the units that the user may ask for in the challenge window, ascending: everything that is not sealed
	/// for somebody.
	pub fn user_units(&self) -> impl Iterator<Item = u32> + '_ {
		let numbered = (0u32..).zip(self.all_units());
		numbered.filter(|(_, unit)| unit.is_of_the_user()).map(|(number, _)| number)
	}

	/// Number of chunks of a unit; 0 if the contract does not have it.
	pub fn unit_chunks(&self, unit: &Unit) -> u32 {
		if !self.has_unit(unit) {
			return 0;
		}
		match *unit {
			Unit::Selection { computing } => self.message_leaves(computing).chunks(),
			_ => self.unit_items(unit).div_ceil(self.items_per_chunk(unit)),
		}
	}

	/// The items of a chunk: leaves of a selection message; entries of a part, by computing provider and feature; features of
	/// a message; trees of a part, by output. `None` if there is no such chunk.
	pub fn chunk_items(&self, unit: &Unit, chunk: u32) -> Option<Range<u32>> {
		(chunk < self.unit_chunks(unit)).then_some(())?;
		if let Unit::Selection { computing } = *unit {
			return Some(self.message_leaves(computing).of_chunk(chunk));
		}
		let (items, size) = (self.unit_items(unit), self.items_per_chunk(unit));
		let first = chunk.saturating_mul(size);
		let within = first..first.saturating_add(size).min(items);
		Some(match *unit {
			Unit::Outputs { part, .. } | Unit::Result { part } => {
				let start = self.outputs_of(part).start;
				start.saturating_add(within.start)..start.saturating_add(within.end)
			},
			_ => within,
		})
	}

	/// Exact bytes of a chunk; `None` if there is no such chunk. The Merkle path that comes with it is not counted.
	pub fn chunk_bytes(&self, unit: &Unit, chunk: u32) -> Option<u64> {
		let items = self.chunk_items(unit, chunk)?;
		Some(match *unit {
			Unit::Selection { computing } => {
				let leaves = self.message_leaves(computing);
				leaves.start(items.end.into()).saturating_sub(leaves.start(items.start.into()))
			},
			Unit::Entries { data, part } => self.bytes_of_entries(data, part, items),
			_ => self.item_bytes(unit).saturating_mul(items.len() as u64),
		})
	}

	/// Exact bytes of all chunks of a unit together; 0 if the contract does not have it.
	pub fn unit_bytes(&self, unit: &Unit) -> u64 {
		match *unit {
			_ if !self.has_unit(unit) => 0,
			Unit::Selection { computing } => self.message_leaves(computing).bytes(),
			Unit::Entries { data, part } => self.bytes_of_entries(data, part, 0..self.unit_items(unit)),
			_ => self.item_bytes(unit).saturating_mul(self.unit_items(unit).into()),
		}
	}

	/// Exact bytes of all units together.
	pub fn publication(&self) -> u64 {
		let providers = 0..self.computing.len() as u16;
		let messages = providers.map(|computing| self.message_leaves(computing).bytes());
		let inputs = (0..self.data.len() as u16).map(|data| self.publication_of(data));
		let outputs = u64::from(self.outputs());
		let trees = outputs.saturating_mul(self.tree_bytes(Stage::Outputs)).saturating_mul(self.providers().into());
		let result = outputs.saturating_mul(self.tree_bytes(Stage::Result));
		messages.chain(inputs).chain([trees, result]).fold(0, u64::saturating_add)
	}

	/// Bytes of the entries and messages of a data provider: of full parts, and of the one that may be shorter.
	fn publication_of(&self, data: u16) -> u64 {
		let (full, rest) = self.part_and_place(self.blocks(data));
		let providers = 0..self.computing.len() as u16;
		let of_part = |blocks: u32| {
			let items = providers.clone().map(|computing| {
				self.entry_item(computing, blocks).saturating_add(self.feature_item(computing, blocks))
			});
			items.fold(0, u64::saturating_add).saturating_mul(self.features().into())
		};
		let last = if rest == 0 { 0 } else { of_part(rest) };
		of_part(self.part_size()).saturating_mul(full.into()).saturating_add(last)
	}

	/// The leaves of the coordinator's message for a computing provider.
	pub fn message_leaves(&self, computing: u16) -> MessageLeaves {
		MessageLeaves::new(self.features(), self.modulus_of(computing))
	}

	fn providers(&self) -> u32 {
		self.computing.len() as u32
	}

	/// Units of a part of inputs.
	fn units_of_part(&self) -> u32 {
		self.providers().saturating_add(1)
	}

	/// Bytes of a computing provider's modulus.
	fn modulus_of(&self, computing: u16) -> usize {
		self.computing.get(usize::from(computing)).map_or(0, |computing| computing.paillier.len())
	}

	/// Bytes of a ciphertext under the user's key.
	fn ciphertext_bytes(&self) -> u64 {
		(self.user_key.len() as u64).saturating_mul(2)
	}

	/// Items of a unit that is no selection message.
	fn unit_items(&self, unit: &Unit) -> u32 {
		let features = u32::from(self.features());
		match *unit {
			Unit::Selection { computing } => self.message_leaves(computing).count(),
			Unit::Entries { .. } => features.saturating_mul(self.providers()),
			Unit::Message { .. } => features,
			Unit::Outputs { part, .. } | Unit::Result { part } => self.outputs_of(part).len() as u32,
		}
	}

	fn items_per_chunk(&self, unit: &Unit) -> u32 {
		CHUNK_BYTES.checked_div(self.item_bytes(unit)).unwrap_or_default().clamp(1, u32::MAX.into()) as u32
	}

	/// Bytes of an item of a unit that is no selection message; of its longest one, if they differ.
	fn item_bytes(&self, unit: &Unit) -> u64 {
		match *unit {
			Unit::Selection { .. } => MESSAGE_LEAF,
			Unit::Entries { data, part } => {
				let blocks = self.blocks_of(data, part).len() as u32;
				let items = (0..self.computing.len() as u16).map(|computing| self.entry_item(computing, blocks));
				items.max().unwrap_or_default()
			},
			Unit::Message { data, computing, part } => {
				self.feature_item(computing, self.blocks_of(data, part).len() as u32)
			},
			Unit::Outputs { .. } | Unit::Result { .. } => self.tree_bytes(unit.stage()),
		}
	}

	/// Bytes of entries of a part, which are counted over all computing providers.
	fn bytes_of_entries(&self, data: u16, part: u32, entries: Range<u32>) -> u64 {
		let (blocks, features) = (self.blocks_of(data, part).len() as u32, u32::from(self.features()));
		let of_provider = |computing: u16| {
			let first = u32::from(computing).saturating_mul(features);
			let here = entries.start.max(first)..entries.end.min(first.saturating_add(features));
			self.entry_item(computing, blocks).saturating_mul(here.len() as u64)
		};
		(0..self.computing.len() as u16).map(of_provider).fold(0, u64::saturating_add)
	}

	/// Bytes of an entry and the leaves of so many ciphertexts.
	fn entry_item(&self, computing: u16, blocks: u32) -> u64 {
		entry_bytes(self.modulus_of(computing)).saturating_add(HASH.saturating_mul(blocks.into()))
	}

	/// Bytes of a feature of a message: an entry, the packets of so many ciphertexts, and the leaves of these.
	fn feature_item(&self, computing: u16, blocks: u32) -> u64 {
		let (bytes, blocks64) = (self.ciphertext_bytes(), u64::from(blocks));
		let packets = blocks64.div_ceil(ciphertexts_per_packet(bytes));
		let sealed = blocks64.saturating_mul(bytes).saturating_add(packets.saturating_mul(SEAL_BYTES));
		self.entry_item(computing, blocks).saturating_add(sealed)
	}

	/// Bytes of a product tree: the values of all its nodes.
	fn tree_bytes(&self, stage: Stage) -> u64 {
		let nodes = self.tree_shape(stage).map_or(0, |shape| shape.nodes());
		nodes.saturating_mul(self.ciphertext_bytes())
	}
}

impl Unit {
	/// Whether the party in this role and place needs the unit from another for what it owes in `stage`.
	pub fn is_needed(&self, stage: Stage, role: Role, place: u16) -> bool {
		match (role, stage, *self) {
			(Role::DataProvider, Stage::Inputs, Self::Selection { .. }) => true,
			(
				Role::ComputingProvider,
				Stage::Outputs,
				Self::Selection { computing } | Self::Message { computing, .. },
			) => computing == place,
			(Role::ComputingProvider, Stage::Outputs, Self::Entries { .. }) => true,
			(Role::Coordinator, Stage::Result, Self::Outputs { .. } | Self::Entries { .. }) => true,
			_ => false,
		}
	}

	/// Whether the user may ask for the unit in the challenge window: it is not sealed for somebody.
	pub fn is_of_the_user(&self) -> bool {
		!matches!(self, Self::Message { .. })
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::job::{
		sample::{contract, SmallContract},
		Parameters, TemplateKind,
	};
	use proptest::prelude::*;

	const KINDS: [TemplateKind; 5] = [
		TemplateKind::ColumnSum,
		TemplateKind::Covariance,
		TemplateKind::WeightedSum,
		TemplateKind::RowSum,
		TemplateKind::RowWeightedSum,
	];

	/// A contract over moduli of so many bytes, and so many columns and rows.
	fn large(kind: TemplateKind, modulus: usize, columns: usize, rows: u64) -> SmallContract {
		let mut contract = contract(kind);
		let column = contract.schema.columns()[0].clone();
		contract.schema = vec![column; columns].try_into().unwrap();
		contract.user_key = vec![0xff; modulus].try_into().unwrap();
		contract.computing[0].paillier = vec![0xff; modulus].try_into().unwrap();
		contract.computing[1].paillier = vec![0xff; 256].try_into().unwrap();
		contract.data[1].rows = rows;
		contract
	}

	fn check_chunks(contract: &SmallContract) {
		let units: Vec<_> = contract.all_units().collect();
		assert_eq!(units.len() as u32, contract.units());
		for (index, unit) in (0..).zip(&units) {
			assert_eq!((contract.unit(index), contract.unit_index(unit)), (Some(*unit), Some(index)));
			assert!(contract.unit_owner(unit).is_some());
			let chunks = contract.unit_chunks(unit);
			let mut next = None;
			for chunk in 0..chunks {
				let items = contract.chunk_items(unit, chunk).unwrap();
				assert!(!items.is_empty() && next.is_none_or(|next| next == items.start), "{unit:?} {chunk}");
				let bytes = contract.chunk_bytes(unit, chunk).unwrap();
				assert!(
					bytes <= CHUNK_BYTES || items.len() == 1 && bytes <= MAX_CHUNK_BYTES.into(),
					"{unit:?} {bytes}"
				);
				next = Some(items.end);
			}
			let bytes = (0..chunks).map(|chunk| contract.chunk_bytes(unit, chunk).unwrap());
			assert_eq!(bytes.sum::<u64>(), contract.unit_bytes(unit), "{unit:?}");
			assert_eq!((contract.chunk_items(unit, chunks), contract.chunk_bytes(unit, chunks)), (None, None));
		}
		let sum = units.iter().map(|unit| contract.unit_bytes(unit)).sum::<u64>();
		assert_eq!(contract.publication(), sum);
		assert_eq!(contract.unit(contract.units()), None);
	}

	proptest! {
		#[test]
		fn units_and_chunks_make_up_the_whole(
			kind in 0..KINDS.len(),
			modulus in prop::sample::select(vec![256usize, 384]),
			columns in 2usize..46,
			rows in 1u64..20_000,
		) {
			check_chunks(&large(KINDS[kind], modulus, columns, rows));
		}
	}

	#[test]
	fn a_small_job_has_units_and_chunks() {
		KINDS.into_iter().for_each(|kind| check_chunks(&contract(kind)));
		check_chunks(&large(TemplateKind::ColumnSum, 384, 256, 1));
		check_chunks(&large(TemplateKind::Covariance, 384, 32, 1));
	}

	#[test]
	fn units_stand_in_their_order() {
		// Three data providers, the second with two parts; two computing providers, and two parts of outputs.
		let contract = contract(TemplateKind::RowSum);
		let names: Vec<_> =
			contract.all_units().map(|unit| contract.unit_owner(&unit).map(|party| party.who)).collect();
		let owners = [31, 31, 11, 11, 11, 12, 12, 12, 12, 12, 12, 13, 13, 13, 21, 21, 22, 22, 31, 31];
		assert_eq!(names, owners.map(Some));
		for (unit, index) in [
			(Unit::Selection { computing: 1 }, Some(1)),
			(Unit::Selection { computing: 2 }, None),
			(Unit::Entries { data: 1, part: 1 }, Some(8)),
			(Unit::Entries { data: 0, part: 1 }, None),
			(Unit::Entries { data: 3, part: 0 }, None),
			(Unit::Message { data: 1, computing: 0, part: 1 }, Some(9)),
			(Unit::Message { data: 1, computing: 2, part: 0 }, None),
			(Unit::Outputs { computing: 1, part: 0 }, Some(16)),
			(Unit::Outputs { computing: 2, part: 0 }, None),
			(Unit::Result { part: 1 }, Some(19)),
			(Unit::Result { part: 2 }, None),
		] {
			assert_eq!(contract.unit_index(&unit), index, "{unit:?}");
			let nothing = (contract.unit_chunks(&unit), contract.unit_bytes(&unit)) == (0, 0);
			assert_eq!((contract.unit_owner(&unit).is_none(), nothing), (index.is_none(), index.is_none()), "{unit:?}");
		}
	}

	#[test]
	fn every_role_needs_what_it_works_with() {
		let contract = contract(TemplateKind::RowSum);
		for (stage, role, place, needed) in [
			(Stage::Inputs, Role::DataProvider, 2, vec![0, 1]),
			(Stage::Outputs, Role::ComputingProvider, 0, vec![0, 2, 3, 5, 6, 8, 9, 11, 12]),
			(Stage::Outputs, Role::ComputingProvider, 1, vec![1, 2, 4, 5, 7, 8, 10, 11, 13]),
			(Stage::Result, Role::Coordinator, 0, vec![2, 5, 8, 11, 14, 15, 16, 17]),
			(Stage::Selection, Role::Coordinator, 0, vec![]),
			(Stage::Inputs, Role::ComputingProvider, 0, vec![]),
			(Stage::Outputs, Role::DataProvider, 0, vec![]),
			(Stage::Confirmation, Role::Coordinator, 0, vec![]),
		] {
			let found: Vec<_> = contract.needed_units(stage, role, place).collect();
			assert_eq!(found, needed, "{stage:?} {role:?} {place}");
		}
		let user: Vec<_> = contract.user_units().collect();
		assert_eq!(user, [0, 1, 2, 5, 8, 11, 14, 15, 16, 17, 18, 19]);
	}

	#[test]
	fn the_longest_chunk_is_a_tree() {
		let mut contract = large(TemplateKind::WeightedSum, 384, 40, 1);
		contract.parameters = Parameters::Weights(vec![1; 32].try_into().unwrap());
		contract.selection.selected = 32;
		contract.data = vec![contract.data[0].clone(); 16].try_into().unwrap();
		let unit = Unit::Outputs { computing: 0, part: 0 };
		assert_eq!(contract.chunk_bytes(&unit, 0), Some(MAX_CHUNK_BYTES.into()));
		assert_eq!(contract.unit_chunks(&unit), 1);
	}

	#[test]
	fn a_message_is_cut_at_its_selectors_and_behind_them() {
		let leaves = MessageLeaves::new(455, 384);
		assert_eq!(leaves.bytes(), 1_056_752);
		assert_eq!(leaves.count(), 455 + 11);
		assert_eq!([0, 1, 455, 456, 466].map(|leaf| leaves.start(leaf)), [0, 768, 349_440, 414_976, 1_056_752]);
		let chunks: Vec<_> = (0..leaves.chunks()).map(|chunk| leaves.of_chunk(chunk)).collect();
		assert_eq!(chunks, [0..256, 256..456, 456..459, 459..462, 462..465, 465..466]);
		// A short one is one chunk.
		let leaves = MessageLeaves::new(30, 256);
		assert_eq!((leaves.count(), leaves.chunks(), leaves.of_chunk(0)), (31, 1, 0..31));
	}
}
