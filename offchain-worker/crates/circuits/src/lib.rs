//! Proofs about identity keys: a person who knows the answer behind a key can have it revoked without revealing the
//! answer.
//!
//! ```no_run
//! use encrytrust_circuits::{prove, Answer, ProvingKey, RecoveryCode, Secret, Statement};
//! use encrytrust_groth16::identity::{context, Action, KdfParams, PublicKey};
//!
//! let code = RecoveryCode::generate();
//! let secret = Secret::derive(&Answer::new("Zinnia's bakery")?, Some(&code), &[7; 16], &KdfParams::default())?;
//! let fingerprint = PublicKey::Ed25519([1; 32]).fingerprint();
//! let commitment = secret.commitment(&fingerprint)?; // on chain since the key was issued
//! let context = context(Action::Revoke, &[2; 32], 5, &[3; 32]);
//! let statement = Statement { commitment, fingerprint, context };
//! let proof = prove(&ProvingKey::dev(), &secret, &statement)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! * [`Answer`], [`RecoveryCode`], [`Secret`]: from what a person remembers to a scalar.
//! * [`poseidon`]: circomlib's hash, natively and in the circuit from the same code.
//! * [`ProvingKey`], [`prove`]: Groth16 over BN254; verified by [`encrytrust_groth16`].
//! * [`iden3`]: the circuit, witnesses, keys and proofs in the files that snarkjs reads and writes.
//!
//! All bytes are specified in `docs/protocol/identity.md`.
//!
//! # Security
//!
//! *Timing.* The proof is made on its owner's machine. Neither Argon2id nor arkworks' arithmetic is constant time.
//!
//! *Memory.* Answers, recovery codes and secrets are erased when dropped and never shown by `Debug`. Copies that arkworks makes of the
//! witness while it proves are freed without being erased.
//!
//! *Guessing.* The commitment is public: who guesses the answer can check the guess at the price of one derivation each.
//! An answer has few bits; the recovery code adds 128.

pub mod iden3;

mod circuit;
mod poseidon;
mod prover;
mod proving_key;
mod qap;
mod secret;
mod unicode;

pub use circuit::CONSTRAINTS;
pub use poseidon::poseidon;
pub use prover::{prove, ProveError, Statement};
pub use proving_key::{KeyFileError, ProvingKey};
pub use secret::{Answer, RecoveryCode, Secret, SecretError};
