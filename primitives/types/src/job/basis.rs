//! The basis of a delivery: what it was made from.

use super::{commitment::Delivered, mask_key::MaskKey, stage::Stage};
use crate::hash;
use alloc::vec::Vec;
use codec::Encode;
use primitive_types::H256;

/// The basis of a delivery in `stage`: Blake2b-256 under the tag `encrytrust/bmpc/basis/2` over the contract's hash, the
/// mask keys of all data providers in the contract's order and, for every commitment of an earlier stage in order of stage
/// and then of the contract's parties, its stage, its party's account, root and blob. A delivery on another basis was made
/// on a fork, and the chain does not take it.
pub fn basis<'d, AccountId: Encode + 'd, BlockNumber: 'd>(
	contract_hash: H256,
	mask_keys: &[Option<MaskKey>],
	stage: Stage,
	delivered: impl IntoIterator<Item = &'d Delivered<AccountId, BlockNumber>>,
) -> H256 {
	let keys: Vec<MaskKey> = mask_keys.iter().flatten().copied().collect();
	let earlier = delivered.into_iter().filter(|delivered| delivered.stage < stage);
	let commitments: Vec<_> =
		earlier.map(|delivered| (delivered.stage, &delivered.who, delivered.commitment).encode()).collect();
	let parts = [contract_hash.as_bytes(), keys.as_flattened(), &commitments.concat()];
	hash::tagged("encrytrust/bmpc/basis/2", &parts)
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::job::Commitment;

	#[test]
	fn basis_differs_for_everything_that_a_delivery_is_made_from() {
		let delivered = |stage, blob| Delivered {
			stage,
			who: 7u64,
			at: 3u32,
			commitment: Commitment { root: H256([4; 32]), blob: [blob; 32] },
		};
		let of = |hash, keys: &[u8], stage, blob| {
			let keys: Vec<_> = keys.iter().map(|key| Some([*key; 32])).collect();
			let delivered = [delivered(Stage::Selection, blob), delivered(Stage::Inputs, 9)];
			basis(H256([hash; 32]), &keys, stage, &delivered)
		};
		let first = of(1, &[2, 3], Stage::Inputs, 5);
		assert_eq!(first, of(1, &[2, 3], Stage::Inputs, 5));
		for (name, other) in [
			("contract", of(2, &[2, 3], Stage::Inputs, 5)),
			("a mask key", of(1, &[2, 4], Stage::Inputs, 5)),
			("the order of mask keys", of(1, &[3, 2], Stage::Inputs, 5)),
			("stage", of(1, &[2, 3], Stage::Outputs, 5)),
			("commitment", of(1, &[2, 3], Stage::Inputs, 6)),
		] {
			assert_ne!(first, other, "{name}");
		}
	}
}
