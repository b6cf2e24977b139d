//! A contract so small that everything about it takes a moment: for tests and benchmarks.

use super::{
	contract::{ComputingParty, Contract, DataParty, Party},
	party::Endpoint,
	selection::{Selection, SelectionTerms},
	stage::Schedule,
	template::{Parameters, TemplateKind},
};
use crate::{
	bytes::Modulus,
	dataset::{Column, Schema},
	ids::JobId,
};
use alloc::vec;
use bounded_collections::BoundedVec;
use num_bigint::BigUint;
use primitive_types::H256;

/// Data providers of the small contract.
pub const DATA: [u64; 3] = [11, 12, 13];
/// Its computing providers.
pub const COMPUTING: [u64; 2] = [21, 22];
/// Its coordinator.
pub const COORDINATOR: u64 = 31;
/// Its job.
pub const JOB: JobId = 5;

/// A contract of [`contract`].
pub type SmallContract = Contract<u64, u128, u32>;

/// Of the small chain.
pub fn genesis() -> H256 {
	H256::repeat_byte(9)
}

/// The product of two Mersenne primes.
#[allow(clippy::arithmetic_side_effects)] // integers without bound
fn modulus(p: u32, q: u32) -> Modulus {
	let prime = |bits: u32| (BigUint::from(1u8) << bits) - 1u8;
	BoundedVec::truncate_from((prime(p) * prime(q)).to_bytes_be())
}

/// Features 1 and 2 of the small contract.
pub fn selection() -> Selection {
	Selection { salt: [3; 32], bitmap: vec![0b110] }
}

/// A contract over moduli so short that everything about it takes a moment: three datasets of four columns, two computing
/// providers. Of a row-wise template they have 1, 143 and 2 blocks of rows, the second and the outputs two parts.
pub fn contract(kind: TemplateKind) -> SmallContract {
	let endpoint = Endpoint { sealing: [0; 32], peer: [0; 32], address: Default::default() };
	let party = |who| Party { who, pay: 1, charges: 0, endpoint: endpoint.clone() };
	let column = Column { name: Default::default(), decimals: 0, bits: 8 };
	let computing = COMPUTING.into_iter().zip([modulus(61, 107), modulus(89, 107)]);
	let parameters = match kind {
		TemplateKind::Histogram => Parameters::Histogram { low: 0, width: 1, bins: 2 },
		TemplateKind::WeightedSum | TemplateKind::RowWeightedSum => {
			Parameters::Weights(BoundedVec::truncate_from(vec![3, -2]))
		},
		_ => Parameters::None,
	};
	let rows = if kind.is_row_wise() { [7, 2_140, 20] } else { [10; 3] };
	Contract {
		user: 1,
		template: 0,
		kind,
		parameters,
		schema: Schema::V1(BoundedVec::truncate_from(vec![column; 4])),
		data: BoundedVec::truncate_from(
			DATA.into_iter()
				.zip(rows)
				.map(|(who, rows)| DataParty {
					dataset: who,
					dataset_rows: rows,
					first_row: 0,
					rows,
					fingerprint: H256::zero(),
					party: party(who),
				})
				.collect(),
		),
		computing: BoundedVec::truncate_from(
			computing
				.map(|(who, paillier)| ComputingParty { paillier, key_proof: [0; 32], party: party(who) })
				.collect(),
		),
		coordinator: party(COORDINATOR),
		user_key: modulus(61, 89),
		user_key_proof: [0; 32],
		selection: SelectionTerms {
			commitment: selection().commitment(kind.features(4).unwrap_or_default()),
			selected: 2,
			sealed: Default::default(),
		},
		schedule: Schedule::uniform(1),
		challenge_period: 1,
		answer_period: 1,
		charge_per_byte: 0,
		user_charges: 0,
		fee: 0,
		bond: 0,
	}
}
