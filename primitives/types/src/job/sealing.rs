//! What sealed messages are bound to.

use crate::hash;
use primitive_types::H256;

/// HPKE's `info` for a message about a job: it is bound to its kind, chain, sender and receiver, and to `context`
/// (SCALE encoding of what the kind's section in `docs/protocol/bmpc.md` lists).
pub fn sealing_info(kind: &str, genesis: &H256, from: &[u8], to: &[u8], context: &[u8]) -> [u8; 32] {
	hash::tagged("encrytrust/bmpc/seal/1", &[kind.as_bytes(), genesis.as_bytes(), from, to, context]).0
}
