//! Paillier's additively homomorphic encryption (EUROCRYPT 1999; ISO/IEC 18033-6) with 2048 and 3072 bit keys.
//!
//! ```
//! use encrytrust_paillier::{KeySize, SecretKey};
//!
//! let secret = SecretKey::generate(KeySize::Bits2048);
//! let key = secret.public();
//! let (a, b) = (key.plaintext(&[20])?, key.plaintext(&[22])?);
//! let sum = key.add(&key.encrypt(&a), &key.encrypt(&b));
//! assert_eq!(secret.decrypt(&sum), key.plaintext(&[42])?);
//! # Ok::<(), encrytrust_paillier::PlaintextError>(())
//! ```
//!
//! * [`PublicKey`], [`SecretKey`], [`Plaintext`], [`Ciphertext`]: the scheme, with generator `1 + N`.
//! * [`Encryptor`]: many encryptions under one key from a precomputed table, under one more assumption.
//! * [`packing`]: many signed values in one plaintext, with room for their sums; [`fixed_point`]: decimals without floats.
//! * [`key_file`]: secret keys encrypted at rest under a passphrase.
//! * [`key_proof`]: proofs that a modulus is a product of two large primes; [`transcript`]: what such proofs hash.
//!
//! # Security
//!
//! *Timing.* What touches a secret (factors, plaintexts, encryption randomness, multipliers) branches on nothing and
//! addresses nothing by it. Refusals, such as the reason why a passphrase or a ciphertext was rejected, are not secret.
//!
//! *Faults.* A decryption by the Chinese remainder theorem that goes wrong modulo one factor would give away the other.
//! Each half is computed modulo `(p T)^2` for `T = 2^61 - 1` and compared modulo `T^2` with a computation of its own
//! before the result leaves (Shamir, EUROCRYPT 1997 rump session).
//!
//! *Memory.* Secrets are erased when dropped and never shown by `Debug`. Copies that the compiler leaves in registers or
//! on the stack are beyond our reach.
//!
//! *Keys of others.* [`PublicKey::from_modulus`] refuses what is cheap to refuse. That a modulus is the product of exactly
//! two large primes takes a [`key_proof::KeyProof`] by its owner; a [`key_proof::ProvenKey`] is a key that came with one.
//!
//! *Chosen ciphertexts.* Paillier is malleable by design. Decrypt nothing for others.

pub mod fixed_point;
pub mod key_file;
pub mod key_proof;
pub mod packing;

mod combination;
mod encryptor;
mod integer;
mod knowledge;
mod primes;
mod public_key;
mod ring;
mod roots;
mod secret_key;

pub use encryptor::Encryptor;
pub use encrytrust_fault_proofs::transcript;
pub use knowledge::Knowledge;
pub use public_key::{Ciphertext, CiphertextError, KeyError, KeySize, Plaintext, PlaintextError, PublicKey};
pub use secret_key::{PrimesError, SecretKey};
