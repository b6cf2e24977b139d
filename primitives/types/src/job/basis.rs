//! The basis of a delivery: what it was made from.

use super::{commitment::Delivered, stage::Stage};
use crate::hash;
use alloc::vec::Vec;
use codec::Encode;
use primitive_types::H256;

/// The basis of a delivery in `stage`: Blake2b-256 under the tag `encrytrust/bmpc/basis/1` over the contract's hash and, for
/// every commitment of an earlier stage in order of stage and then of the contract's parties, its stage, its party's account,
/// root and blob. A delivery on another basis was made on a fork, and the chain does not take it.
pub fn basis<'d, AccountId: Encode + 'd, BlockNumber: 'd>(
	contract_hash: H256,
	stage: Stage,
	delivered: impl IntoIterator<Item = &'d Delivered<AccountId, BlockNumber>>,
) -> H256 {
	let earlier = delivered.into_iter().filter(|delivered| delivered.stage < stage);
	let commitments: Vec<_> =
		earlier.map(|delivered| (delivered.stage, &delivered.who, delivered.commitment).encode()).collect();
	hash::tagged("encrytrust/bmpc/basis/1", &[contract_hash.as_bytes(), &commitments.concat()])
}
