//! Selections: which features a job is about, committed to and opened feature by feature.

use crate::{
	bytes::Sealed,
	hash,
	limits::MaxSelectors,
	merkle::{self, Path},
};
use alloc::vec::Vec;
use bounded_collections::BoundedVec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::fmt;
use primitive_types::H256;
use scale_info::TypeInfo;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Which features the user wants, without saying which.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct SelectionTerms {
	/// [`Selection::commitment`].
	pub commitment: H256,
	/// How many features are selected: `t`.
	pub selected: u16,
	/// The [`Selection`], SCALE-encoded and sealed to each computing provider in the contract's order, then to the
	/// coordinator; HPKE `info` as in [`sealing_info`](super::sealing_info).
	pub sealed: BoundedVec<Sealed, MaxSelectors>,
}

/// The opening of a selection's commitment: a secret, which is erased when dropped and does not show itself.
#[derive(Clone, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, Zeroize, ZeroizeOnDrop)]
pub struct Selection {
	/// Random bytes that hide the features in the commitment, and that all shared randomness of the job follows from.
	pub salt: [u8; 32],
	/// One bit a feature, the first feature lowest in the first byte, as many bytes as needed.
	pub bitmap: Vec<u8>,
}

impl Selection {
	/// The selection of `features` (indices) out of `total`; `None` if an index is outside or stands twice.
	pub fn new(salt: [u8; 32], features: &[u16], total: u16) -> Option<Self> {
		let mut bitmap = alloc::vec![0u8; usize::from(total.div_ceil(8))];
		for feature in features {
			let bit = 1u8 << (feature % 8);
			let byte = bitmap.get_mut(usize::from(feature / 8)).filter(|byte| *feature < total && **byte & bit == 0)?;
			*byte |= bit;
		}
		Some(Self { salt, bitmap })
	}

	/// The selected features' indices, ascending: the place of one is its rank.
	pub fn features(&self) -> Vec<u16> {
		let bit =
			|index: &u16| self.bitmap.get(usize::from(index / 8)).is_some_and(|byte| byte & (1u8 << (index % 8)) != 0);
		(0..self.bitmap.len().saturating_mul(8).min(usize::from(u16::MAX)) as u16).filter(bit).collect()
	}

	/// Whether this is a selection of `selected` out of `total` features, with as many bytes as needed.
	pub fn is_of(&self, selected: u16, total: u16) -> bool {
		let features = self.features();
		let inside = features.last().is_none_or(|last| *last < total);
		inside && features.len() == usize::from(selected) && self.bitmap.len() == usize::from(total.div_ceil(8))
	}

	/// What is committed to for each of `total` features.
	pub fn choices(&self, total: u16) -> Vec<FeatureChoice> {
		let features = self.features();
		let rank = |feature: &u16| features.binary_search(feature).ok().map(|rank| rank as u16);
		(0..total).map(|feature| FeatureChoice { salt: self.feature_salt(feature), rank: rank(&feature) }).collect()
	}

	/// What stands on chain: the Merkle root over the choices.
	pub fn commitment(&self, total: u16) -> H256 {
		merkle::root(&choice_leaves(&self.choices(total)))
	}

	/// The opening of one feature's choice; `None` if there is no such feature.
	pub fn open(&self, feature: u16, total: u16) -> Option<FeatureOpening> {
		let choices = self.choices(total);
		let path = merkle::path(&choice_leaves(&choices), usize::from(feature))?;
		let choice = choices.get(usize::from(feature))?.clone();
		Some(FeatureOpening { feature, choice, path: path.try_into().ok()? })
	}

	fn feature_salt(&self, feature: u16) -> [u8; 32] {
		hash::tagged("encrytrust/bmpc/feature-salt/2", &[&self.salt, &feature.to_le_bytes()]).0
	}
}

impl fmt::Debug for Selection {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str("Selection(…)")
	}
}

fn choice_leaves(choices: &[FeatureChoice]) -> Vec<H256> {
	(0u64..).zip(choices).map(|(index, choice)| merkle::leaf(index, &Zeroizing::new(choice.encode()))).collect()
}

/// What a selection says about one feature.
#[derive(
	Clone, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Zeroize, ZeroizeOnDrop,
)]
pub struct FeatureChoice {
	/// Hides it in the commitment; selectors and blindings of this feature follow from it.
	pub salt: [u8; 32],
	/// Its rank among the selected features; `None` if it is not selected.
	pub rank: Option<u16>,
}

// To workers it is a secret until a proof opens it.
impl fmt::Debug for FeatureChoice {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str("FeatureChoice(…)")
	}
}

/// The opening of one feature's choice.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct FeatureOpening {
	/// Which feature.
	pub feature: u16,
	/// Whether it is selected.
	pub choice: FeatureChoice,
	/// From the choice to the commitment.
	pub path: Path,
}

impl FeatureOpening {
	/// Whether this is what a commitment over `total` features says.
	pub fn verify(&self, commitment: H256, total: u16) -> bool {
		let leaf = merkle::leaf(self.feature.into(), &self.choice.encode());
		merkle::verify(commitment, total.into(), self.feature.into(), leaf, &self.path)
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_selection_names_each_column_once() {
		let selection = Selection::new([1; 32], &[0, 9, 29], 30).unwrap();
		assert_eq!((selection.bitmap.len(), selection.features()), (4, vec![0, 9, 29]));
		assert_eq!(Selection::new([1; 32], &[30], 30), None);
		assert_eq!(Selection::new([1; 32], &[3, 3], 30), None);
	}

	#[test]
	fn another_salt_or_column_is_another_commitment() {
		let commitment = |salt, columns: &[u16]| Selection::new([salt; 32], columns, 30).unwrap().commitment(30);
		assert_ne!(commitment(1, &[2]), commitment(2, &[2]));
		assert_ne!(commitment(1, &[2]), commitment(1, &[3]));
	}

	#[test]
	fn a_feature_opens_to_its_rank_alone() {
		let selection = Selection::new([1; 32], &[0, 9, 29], 30).unwrap();
		let commitment = selection.commitment(30);
		for feature in 0..30 {
			let opening = selection.open(feature, 30).unwrap();
			assert!(opening.verify(commitment, 30));
			assert_eq!(opening.choice.rank, [0, 9, 29].iter().position(|chosen| *chosen == feature).map(|r| r as u16));
			let mut other = opening.clone();
			other.choice.rank = Some(7);
			assert!(!other.verify(commitment, 30));
			assert!(!FeatureOpening { feature: (feature + 1) % 30, ..opening.clone() }.verify(commitment, 30));
		}
		assert_eq!(selection.open(30, 30), None);
	}

	#[test]
	fn a_selection_and_its_choices_are_erased_and_not_shown() {
		fn is_erased_on_drop<T: ZeroizeOnDrop>(_: &T) {}
		let mut selection = Selection::new([171; 32], &[0, 9], 30).unwrap();
		let mut choice = FeatureChoice { salt: [171; 32], rank: Some(171) };
		for text in [format!("{selection:?}"), format!("{choice:?}")] {
			assert!(!text.contains("171") && text.ends_with("(…)"), "{text}");
		}
		is_erased_on_drop(&selection);
		is_erased_on_drop(&choice);
		selection.zeroize();
		choice.zeroize();
		assert_eq!((selection.salt, selection.features()), ([0; 32], vec![]));
		assert_eq!(choice, FeatureChoice { salt: [0; 32], rank: None });
	}

	#[test]
	fn a_selection_is_of_its_features() {
		let selection = Selection::new([1; 32], &[0, 9], 30).unwrap();
		assert!(selection.is_of(2, 30) && selection.is_of(2, 32));
		for (name, selected, total) in
			[("too few", 3, 30), ("too many", 1, 30), ("outside", 2, 9), ("a byte too long", 2, 24)]
		{
			assert!(!selection.is_of(selected, total), "{name}");
		}
	}
}
