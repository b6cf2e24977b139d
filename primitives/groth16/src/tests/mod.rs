//! The verifier as a whole; what a module computes alone is tested beside it.

mod batches;
mod rejects;
mod statements;

use crate::{encode_inputs, simulation::Trapdoor, Fr, PreparedKey};
use alloc::vec::Vec;
use std::sync::LazyLock;

pub(crate) const SEED: u64 = 1;

/// A good proof and everything it is verified with, as bytes.
pub(crate) struct Fixture {
	pub(crate) verifying_key: Vec<u8>,
	pub(crate) key: Vec<u8>,
	pub(crate) proof: Vec<u8>,
	pub(crate) inputs: Vec<u8>,
}

pub(crate) fn fixture() -> &'static Fixture {
	static FIXTURE: LazyLock<Fixture> = LazyLock::new(|| {
		let trapdoor = Trapdoor::new(3, SEED);
		let inputs = [7u8, 8, 9].map(Fr::from);
		let key = trapdoor.verifying_key();
		Fixture {
			verifying_key: key.encode(),
			key: PreparedKey::from(&key).encode(),
			proof: trapdoor.prove(&inputs, 0).encode(),
			inputs: encode_inputs(&inputs),
		}
	});
	&FIXTURE
}
