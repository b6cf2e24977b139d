//! Blocks and parts: how a job's ciphertexts are counted, so that nobody has to hold all of them at once.
//!
//! A *block* is what goes into one plaintext: of a row-wise template the next rows of a dataset, as many as there are slots
//! for; of any other the sums of all its rows. A data provider makes one ciphertext of each block, feature and computing
//! provider. Up to [`Contract::part_size`] blocks of a dataset in turn are a *part* of its inputs, and as many product trees
//! in turn a part of outputs and result. Parts are published, fetched and demanded whole.

use super::{
	contract::Contract,
	stage::Stage,
	sums::slot_bits,
	template::{Parameters, TemplateKind},
	tree_shape::TreeShape,
};
use core::ops::Range;

/// The most blocks, and product trees, of a part.
const MAX_PART: u64 = 128;
/// Bytes of the ciphertexts that a data provider seals for one computing provider in a part, unless a single block has more.
const SEALED_BYTES: u64 = 1 << 22;
/// Bytes of the product trees of a part, unless a single one has more: an answer to a demand carries them.
const TREE_BYTES: u64 = 1 << 20;
/// By how many bytes a value of a published tree is encoded longer than it is, at most.
const VALUE_OVERHEAD: u64 = 4;

/// How many rows go into a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packing {
	rows: Option<u64>,
}

impl Packing {
	/// Of a template over columns of at most `bits` bits, under a modulus of `modulus_bits` bits.
	pub fn new(kind: TemplateKind, parameters: &Parameters, selected: u16, bits: u8, modulus_bits: u32) -> Self {
		let slots = || modulus_bits.saturating_sub(1).checked_div(slot_bits(bits, parameters.addends(selected)));
		Self { rows: kind.is_row_wise().then(|| slots().unwrap_or_default().into()) }
	}

	/// Rows of a block; `None` where a block is over all rows of its dataset.
	pub fn rows_per_block(self) -> Option<u64> {
		self.rows
	}

	/// Blocks of a dataset of so many rows.
	pub fn blocks(self, rows: u64) -> u64 {
		match self.rows {
			None => 1,
			Some(0) => u64::MAX,
			Some(per_block) => rows.div_ceil(per_block),
		}
	}
}

/// Where a ciphertext comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
	/// Whose it is, by the data provider's place in the contract.
	pub data: u16,
	/// Which of the data provider's blocks.
	pub block: u32,
	/// Of the selected feature of this rank.
	pub rank: u16,
}

impl<AccountId, Balance, BlockNumber> Contract<AccountId, Balance, BlockNumber> {
	/// Bits of the widest column: those of a value in every slot of a row-wise template.
	pub fn bits(&self) -> u8 {
		self.schema.columns().iter().map(|column| column.bits).max().unwrap_or_default()
	}

	/// How many rows go into a block.
	pub fn packing(&self) -> Packing {
		let modulus_bits = (self.user_key.len() as u32).saturating_mul(8);
		Packing::new(self.kind, &self.parameters, self.selection.selected, self.bits(), modulus_bits)
	}

	/// Blocks of a dataset, by its place in the contract; none if there is no such dataset.
	pub fn blocks(&self, data: u16) -> u32 {
		let blocks = |rows| u32::try_from(self.packing().blocks(rows)).unwrap_or(u32::MAX);
		self.data.get(usize::from(data)).map_or(0, |data| blocks(data.rows))
	}

	/// Work of one computing provider, in ciphertext multiplications: one for each block and selected feature.
	pub fn work(&self) -> u64 {
		let packing = self.packing();
		let blocks = self.data.iter().fold(0u64, |blocks, data| blocks.saturating_add(packing.blocks(data.rows)));
		blocks.saturating_mul(self.selection.selected.into())
	}

	/// Number of product trees of each computing provider, and of the coordinator: one for each selected feature, one for
	/// a weighted sum, one for each block of a row-wise template.
	pub fn outputs(&self) -> u32 {
		match self.kind {
			TemplateKind::WeightedSum => 1,
			kind if kind.is_row_wise() => self.first_output(self.data.len() as u16),
			_ => self.selection.selected.into(),
		}
	}

	/// Of a row-wise template: how many blocks the datasets before this one have.
	fn first_output(&self, data: u16) -> u32 {
		(0..data).fold(0, |outputs, data| outputs.saturating_add(self.blocks(data)))
	}

	/// The shape of the trees that [`Stage::Outputs`] and [`Stage::Result`] commit to; `None` for other stages.
	pub fn tree_shape(&self, stage: Stage) -> Option<TreeShape> {
		let (datasets, selected) = (self.data.len() as u64, u64::from(self.selection.selected));
		match (stage, self.kind) {
			(Stage::Outputs, TemplateKind::WeightedSum) => Some(TreeShape::weighted(datasets.saturating_mul(selected))),
			(Stage::Outputs, TemplateKind::RowSum) => Some(TreeShape::new(selected)),
			(Stage::Outputs, TemplateKind::RowWeightedSum) => Some(TreeShape::weighted(selected)),
			(Stage::Outputs, _) => Some(TreeShape::new(datasets)),
			(Stage::Result, _) => Some(TreeShape::new(self.computing.len() as u64)),
			_ => None,
		}
	}

	/// Output and leaf that a ciphertext is multiplied into.
	pub fn leaf_of(&self, place: Place) -> (u32, u64) {
		let (data, rank) = (u64::from(place.data), u64::from(place.rank));
		match self.kind {
			TemplateKind::WeightedSum => {
				let selected = u64::from(self.selection.selected);
				(0, data.saturating_mul(selected).saturating_add(rank))
			},
			kind if kind.is_row_wise() => (self.first_output(place.data).saturating_add(place.block), rank),
			_ => (place.rank.into(), data),
		}
	}

	/// The ciphertext that a leaf of an output is made of; `None` if there is no such leaf.
	pub fn place_of(&self, output: u32, leaf: u64) -> Option<Place> {
		let leaf = (output < self.outputs() && leaf < self.tree_shape(Stage::Outputs)?.leaves()).then_some(leaf)?;
		let narrow = |number: u64| u16::try_from(number).ok();
		match self.kind {
			TemplateKind::WeightedSum => {
				let selected = u64::from(self.selection.selected);
				let (data, rank) = (leaf.checked_div(selected)?, leaf.checked_rem(selected)?);
				Some(Place { data: narrow(data)?, block: 0, rank: narrow(rank)? })
			},
			kind if kind.is_row_wise() => {
				let mut block = output;
				let data = (0..self.data.len() as u16).find(|data| match block.checked_sub(self.blocks(*data)) {
					Some(later) => {
						block = later;
						false
					},
					None => true,
				})?;
				Some(Place { data, block, rank: narrow(leaf)? })
			},
			_ => Some(Place { data: narrow(leaf)?, block: 0, rank: narrow(output.into())? }),
		}
	}

	/// How many blocks, and how many product trees, a part has, unless it is the last: the largest power of two that is not
	/// above 128, and with which neither the ciphertexts of all features for one computing provider are longer than 4 MiB nor
	/// the trees longer than 1 MiB. At least 1.
	pub fn part_size(&self) -> u32 {
		let bytes = (self.user_key.len() as u64).saturating_mul(2);
		let sealed = bytes.saturating_mul(self.features().into());
		let shapes = [Stage::Outputs, Stage::Result].into_iter().filter_map(|stage| self.tree_shape(stage));
		let nodes = shapes.map(|shape| shape.nodes()).max().unwrap_or_default();
		let trees = nodes.saturating_mul(bytes.saturating_add(VALUE_OVERHEAD));
		let fit =
			[(SEALED_BYTES, sealed), (TREE_BYTES, trees)].into_iter().filter_map(|(all, one)| all.checked_div(one));
		let most = fit.fold(MAX_PART, u64::min).max(1);
		1u32.checked_shl(most.ilog2()).unwrap_or(1)
	}

	/// Parts of a dataset's inputs.
	pub fn parts(&self, data: u16) -> u32 {
		self.blocks(data).div_ceil(self.part_size())
	}

	/// The blocks of a part of a dataset's inputs; none if there is no such part.
	pub fn blocks_of(&self, data: u16, part: u32) -> Range<u32> {
		self.part_of(self.blocks(data), part)
	}

	/// The part that a block, or an output, is in, and its place there.
	#[allow(clippy::arithmetic_side_effects)] // a part has at least one
	pub fn part_and_place(&self, index: u32) -> (u32, u32) {
		let size = self.part_size();
		(index / size, index % size)
	}

	/// Parts of the outputs, and of the result.
	pub fn output_parts(&self) -> u32 {
		self.outputs().div_ceil(self.part_size())
	}

	/// The outputs of a part; none if there is no such part.
	pub fn outputs_of(&self, part: u32) -> Range<u32> {
		self.part_of(self.outputs(), part)
	}

	fn part_of(&self, all: u32, part: u32) -> Range<u32> {
		let size = self.part_size();
		let first = part.saturating_mul(size).min(all);
		first..first.saturating_add(size).min(all)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{job::sample::contract, limits::MAX_BLOCKS};
	use proptest::prelude::*;

	#[test]
	fn as_many_rows_as_there_are_slots() {
		let weights = Parameters::Weights(vec![3, -5].try_into().unwrap());
		for (kind, parameters, selected, bits, modulus_bits, rows) in [
			// 30 + 1 + 3 bits.
			(TemplateKind::RowSum, Parameters::None, 5, 30, 2048, Some(60)),
			(TemplateKind::RowSum, Parameters::None, 8, 30, 2048, Some(60)),
			(TemplateKind::RowSum, Parameters::None, 9, 30, 2048, Some(58)),
			(TemplateKind::RowSum, Parameters::None, 1, 1, 3072, Some(1535)),
			// 3 + 5 is 2^3.
			(TemplateKind::RowWeightedSum, weights, 2, 30, 2048, Some(60)),
			(TemplateKind::ColumnSum, Parameters::None, 5, 30, 2048, None),
		] {
			let packing = Packing::new(kind, &parameters, selected, bits, modulus_bits);
			assert_eq!(packing.rows_per_block(), rows, "{kind:?} of {selected}");
		}
		let packing = Packing::new(TemplateKind::RowSum, &Parameters::None, 5, 30, 2048);
		assert_eq!([1, 60, 61, 120, 121].map(|rows| packing.blocks(rows)), [1, 1, 2, 2, 3]);
		let columns = Packing::new(TemplateKind::ColumnSum, &Parameters::None, 5, 30, 2048);
		assert_eq!([1, 1000].map(|rows| columns.blocks(rows)), [1, 1]);
		let nothing = Packing::new(TemplateKind::RowSum, &Parameters::None, 1, 62, 40);
		assert_eq!((nothing.rows_per_block(), nothing.blocks(1)), (Some(0), u64::MAX));
	}

	const KINDS: [TemplateKind; 5] = [
		TemplateKind::ColumnSum,
		TemplateKind::Covariance,
		TemplateKind::WeightedSum,
		TemplateKind::RowSum,
		TemplateKind::RowWeightedSum,
	];

	proptest! {
		#[test]
		fn every_ciphertext_has_a_leaf_of_its_own(kind in 0..KINDS.len(), rows in prop::array::uniform3(1u64..200)) {
			let mut contract = contract(KINDS[kind]);
			contract.data.iter_mut().zip(rows).for_each(|(data, rows)| data.rows = rows);
			let places: Vec<_> = (0..3u16)
				.flat_map(|data| (0..contract.blocks(data)).map(move |block| (data, block)))
				.flat_map(|(data, block)| (0..2u16).map(move |rank| Place { data, block, rank }))
				.collect();
			let mut leaves: Vec<_> = places.iter().map(|place| contract.leaf_of(*place)).collect();
			for (place, (output, leaf)) in places.iter().zip(&leaves) {
				prop_assert_eq!(contract.place_of(*output, *leaf), Some(*place));
			}
			leaves.sort_unstable();
			let width = contract.tree_shape(Stage::Outputs).unwrap().leaves();
			let all: Vec<_> =
				(0..contract.outputs()).flat_map(|output| (0..width).map(move |leaf| (output, leaf))).collect();
			prop_assert_eq!(leaves, all);
			prop_assert_eq!(contract.place_of(contract.outputs(), 0), None);
			prop_assert_eq!(contract.place_of(0, width), None);
			prop_assert_eq!(contract.work(), places.len() as u64);
		}

		#[test]
		fn parts_make_up_the_whole(rows in 1u64..5000) {
			let mut contract = contract(TemplateKind::RowSum);
			contract.data[1].rows = rows;
			let blocks: Vec<u32> = (0..contract.parts(1)).flat_map(|part| contract.blocks_of(1, part)).collect();
			prop_assert_eq!(&blocks, &(0..contract.blocks(1)).collect::<Vec<_>>());
			let outputs: Vec<u32> = (0..contract.output_parts()).flat_map(|part| contract.outputs_of(part)).collect();
			prop_assert_eq!(&outputs, &(0..contract.outputs()).collect::<Vec<_>>());
			for part in 0..contract.output_parts() {
				for (place, output) in (0..).zip(contract.outputs_of(part)) {
					prop_assert_eq!(contract.part_and_place(output), (part, place));
				}
			}
			prop_assert!(contract.blocks_of(1, contract.parts(1)).is_empty());
			prop_assert!(contract.outputs_of(u32::MAX).is_empty());
		}
	}

	#[test]
	fn a_part_is_never_too_long() {
		let mut contract = contract(TemplateKind::RowSum);
		let column = contract.schema.columns()[0].clone();
		let mut size = |key: usize, columns: usize, selected: u16, computing: usize| {
			contract.user_key = vec![0xff; key].try_into().unwrap();
			contract.schema = vec![column.clone(); columns].try_into().unwrap();
			contract.selection.selected = selected;
			contract.computing = vec![contract.computing[0].clone(); computing].try_into().unwrap();
			contract.part_size()
		};
		// The most; 11 nodes of a tree; 256 sealed columns; 31 nodes of a result's tree.
		assert_eq!(size(256, 5, 1, 1), 128);
		assert_eq!(size(256, 5, 5, 3), 128);
		assert_eq!(size(384, 5, 5, 3), 64);
		assert_eq!(size(256, 256, 5, 3), 32);
		assert_eq!(size(384, 256, 256, 3), 2);
		assert_eq!(size(256, 5, 1, 16), 64);
		contract.kind = TemplateKind::RowWeightedSum;
		contract.parameters = Parameters::Weights(vec![1; 32].try_into().unwrap());
		assert!(contract.part_size() >= 1);
	}

	/// 2 blocks are the smallest part of a row-wise template.
	#[test]
	fn entries_of_all_parts_can_be_counted_in_32_bits() {
		let (columns, providers) = (256, 16);
		assert!(MAX_BLOCKS / 2 * columns * providers <= u32::MAX.into());
	}
}
