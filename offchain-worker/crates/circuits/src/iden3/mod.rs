//! The files of iden3's tools: the circuit and witnesses that snarkjs reads, keys that its ceremonies make, and proofs both
//! ways.
//!
//! Formats: <https://github.com/iden3/r1csfile/blob/master/doc/r1cs_bin_format.md>; those of `.wtns` and `.zkey` are defined by
//! snarkjs' code alone.

mod binary;
mod json;
mod r1cs;
mod zkey;

pub use json::{proof_from_json, proof_to_json, public_from_json, public_to_json, verifying_key_to_json, JsonError};
pub use r1cs::{r1cs_file, witness_file};
pub use zkey::{import_zkey, ZkeyError};
