//! One key and one job, for all tests.
#![allow(dead_code)]

use encrytrust_oblivious_transfer::{Context, Selection, SelectionMessage, VerifiedSelection};
use encrytrust_paillier::{key_proof::ProvenKey, KeySize, PublicKey, SecretKey};
use std::sync::LazyLock;

pub(crate) static SECRET: LazyLock<SecretKey> = LazyLock::new(|| SecretKey::generate(KeySize::Bits2048));
pub(crate) static PROVEN: LazyLock<ProvenKey> = LazyLock::new(|| ProvenKey::own(&SECRET));

pub(crate) const JOB: Context = Context { genesis: [1; 32], job: 7, coordinator: [2; 32], provider: [3; 32] };
pub(crate) const DATA_PROVIDER: [u8; 32] = [4; 32];

pub(crate) fn key() -> &'static PublicKey {
	SECRET.public()
}

pub(crate) fn message(columns: usize, chosen: &[usize]) -> SelectionMessage {
	SelectionMessage::prove(&Selection::new(columns, chosen).unwrap(), key(), &JOB)
}

pub(crate) fn verified(columns: usize, chosen: &[usize]) -> VerifiedSelection {
	message(columns, chosen).verify(&PROVEN, &JOB, columns, chosen.len()).unwrap()
}
