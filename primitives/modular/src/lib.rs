//! Modular arithmetic at the speed of the processor: what Paillier's ciphertexts take, for workers and for the chain's host
//! functions.
//!
//! ```
//! use encrytrust_modular::MontgomeryRing;
//!
//! // 2^10 = 1024 = 4 * 225 + 124, and 124 = 4 + 8 * 15.
//! let ring = MontgomeryRing::modulo_square(&[15]).unwrap();
//! let power = ring.power(&ring.element(&[2], &[]), &[10]);
//! assert_eq!(**ring.digits(&power), [4, 8]);
//! ```
//!
//! * [`MontgomeryRing`], [`Residue`]: arithmetic modulo an odd number, or modulo its square by digits to its base.
//! * [`MontgomeryRing::power_each`]: many powers at once. [`FixedBase`]: of one base, from a table.
//! * [`MontgomeryRing::product_of_powers_vartime`]: a product of many powers, with public exponents.
//!
//! Numbers are limbs of 64 bits, the lowest first. On x86-64 with ADX the inner loops are written in assembly; with
//! AVX-512 IFMA many powers at once are computed eight by eight.
//!
//! # Security
//!
//! No branch and no address depends on a modulus, a residue or an exponent, but for those of functions that end in `vartime`.
//! Residues and moduli are erased when dropped.

mod fixed_base;
#[cfg(target_arch = "x86_64")]
mod lanes;
mod montgomery;
mod power_each;
mod products;
mod ring;
mod rows;

pub use fixed_base::FixedBase;
pub use montgomery::MOST_LIMBS;
pub use ring::{bits_at, inverse_limb, MontgomeryRing, Residue};
