//! Groups of known prime order in which discrete logarithms are hard and whose generators follow from a hash.

use crate::{integer, key_proof::jacobi::jacobi, transcript::Transcript, KeySize};
use crypto_bigint::{
	modular::{BoxedMontyForm, BoxedMontyParams},
	BoxedUint, NonZero, Odd, Resize,
};
use std::sync::LazyLock;

/// RFC 2409, section 6.1: the modulus of group 1, 768 bits, for keys of tests.
const MODP_768: &str = "\
	ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404dd\
	ef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a63a3620ffffffffffffffff";
/// RFC 3526, section 4: the modulus of group 15, 3072 bits.
const MODP_3072: &str = "\
	ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404dd\
	ef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7ed\
	ee386bfb5a899fa5ae9f24117c4b1fe649286651ece45b3dc2007cb8a163bf0598da48361c55d39a69163fa8fd24cf5f\
	83655d23dca3ad961c62f356208552bb9ed529077096966d670c354e4abc9804f1746c08ca18217c32905e462e36ce3b\
	e39e772c180e86039b2783a2ec07a28fb5c55df06f4c52c9de2bcbf6955817183995497cea956ae515d2261898fa0510\
	15728e5a8aaac42dad33170d04507a33a85521abdf1cba64ecfb850458dbef0a8aea71575d060c7db3970f85a6e1e4c7\
	abf5ae8cdb0933d71e8c94e04a25619dcee3d2261ad2ee6bf12ffa06d98a0864d87602733ec86a64521f2b18177b200c\
	bbe117577a615d6c770988c0bad946e208e24fa074e5ab3143db5bfce0fd108e4b82d120a93ad2caffffffffffffffff";
/// RFC 3526, section 5: the modulus of group 16, 4096 bits.
const MODP_4096: &str = "\
	ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404dd\
	ef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7ed\
	ee386bfb5a899fa5ae9f24117c4b1fe649286651ece45b3dc2007cb8a163bf0598da48361c55d39a69163fa8fd24cf5f\
	83655d23dca3ad961c62f356208552bb9ed529077096966d670c354e4abc9804f1746c08ca18217c32905e462e36ce3b\
	e39e772c180e86039b2783a2ec07a28fb5c55df06f4c52c9de2bcbf6955817183995497cea956ae515d2261898fa0510\
	15728e5a8aaac42dad33170d04507a33a85521abdf1cba64ecfb850458dbef0a8aea71575d060c7db3970f85a6e1e4c7\
	abf5ae8cdb0933d71e8c94e04a25619dcee3d2261ad2ee6bf12ffa06d98a0864d87602733ec86a64521f2b18177b200c\
	bbe117577a615d6c770988c0bad946e208e24fa074e5ab3143db5bfce0fd108e4b82d120a92108011a723c12a787e6d7\
	88719a10bdba5b2699c327186af4e23c1a946834b6150bda2583e9ca2ad44ce8dbbbc2db04de8ef92e8efc141fbecaa6\
	287c59474e6bc05d99b2964fa090c3a2233ba186515be7ed1f612970cee2d7afb81bdd762170481cd0069127d5b05aa9\
	93b4ea988d8fddc186ffb7dc90a6c08f4df435c934063199ffffffffffffffff";

/// Bytes by which the hash is longer than the modulus that it is reduced by.
const EXCESS_BYTES: usize = 16;

/// The squares modulo a prime `P = 2 Q + 1`: a group of prime order `Q`.
pub(super) struct Group {
	modulus: NonZero<BoxedUint>,
	order: NonZero<BoxedUint>,
	params: BoxedMontyParams,
	/// 4, the square of RFC 3526's generator.
	g: BoxedMontyForm,
	/// The square of a hash: its logarithm to the base `g` is unknown to everyone.
	h: BoxedMontyForm,
}

static GROUP_1: LazyLock<Group> = LazyLock::new(|| Group::new(MODP_768));
static GROUP_15: LazyLock<Group> = LazyLock::new(|| Group::new(MODP_3072));
static GROUP_16: LazyLock<Group> = LazyLock::new(|| Group::new(MODP_4096));

impl Group {
	/// The group for keys of a size: longer than the integers that a proof multiplies.
	pub(super) fn of(size: KeySize) -> &'static Self {
		match size {
			KeySize::Bits256 => &GROUP_1,
			KeySize::Bits2048 => &GROUP_15,
			KeySize::Bits3072 => &GROUP_16,
		}
	}

	/// The length of an element, and of a number modulo `Q`.
	pub(super) const fn bytes(size: KeySize) -> usize {
		match size {
			KeySize::Bits256 => 96,
			KeySize::Bits2048 => 384,
			KeySize::Bits3072 => 512,
		}
	}

	fn new(modulus: &str) -> Self {
		let bits = 4 * modulus.len() as u32;
		let modulus = BoxedUint::from_be_hex(modulus, bits).into_option().expect("the modulus is hexadecimal");
		let order = modulus.wrapping_shr_vartime(1);
		let nonzero = |x: BoxedUint| NonZero::new(x).into_option().expect("the numbers of a group are not zero");
		let params = BoxedMontyParams::new(Odd::new(modulus.clone()).into_option().expect("the modulus is odd"));
		let modulus = nonzero(modulus);
		let seed = Transcript::new("encrytrust/key-proof/generator/1").with(modulus.to_be_bytes());
		let bytes = seed.expand("h", bits as usize / 8 + EXCESS_BYTES);
		let h = integer::from_bytes(&bytes, bits + 8 * EXCESS_BYTES as u32).expect("as many bits as bytes");
		let h = BoxedMontyForm::new(h.rem(&modulus), &params).square();
		let g = BoxedMontyForm::new(BoxedUint::from(4u8).resize(bits), &params);
		Self { g, h, order: nonzero(order), modulus, params }
	}

	/// `P`, big-endian.
	pub(super) fn modulus_bytes(&self) -> Box<[u8]> {
		self.modulus.to_be_bytes()
	}

	/// `Q`.
	pub(super) fn order(&self) -> &NonZero<BoxedUint> {
		&self.order
	}

	pub(super) fn g(&self) -> &BoxedMontyForm {
		&self.g
	}

	pub(super) fn h(&self) -> &BoxedMontyForm {
		&self.h
	}

	/// `a^x b^y`, in a time that depends on the lengths of the exponents alone.
	pub(super) fn commit(
		&self,
		(a, x): (&BoxedMontyForm, &BoxedUint),
		(b, y): (&BoxedMontyForm, &BoxedUint),
	) -> BoxedMontyForm {
		a.pow(x).mul(&b.pow(y))
	}

	/// Reads an element: a number below `P` that is a square.
	pub(super) fn element(&self, bytes: &[u8]) -> Option<BoxedMontyForm> {
		let value = integer::from_bytes(bytes, self.modulus.bits_precision())?;
		let below = value.cmp_vartime(self.modulus.as_ref()).is_lt();
		let square = below && jacobi(&value, self.modulus.as_ref()) == 1;
		square.then(|| BoxedMontyForm::new(value, &self.params))
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::primes::is_probably_prime;

	#[test]
	fn groups_have_prime_order() {
		for size in [KeySize::Bits256, KeySize::Bits2048, KeySize::Bits3072] {
			let group = Group::of(size);
			assert_eq!(group.modulus_bytes().len(), Group::bytes(size));
			assert!(is_probably_prime(group.modulus.as_ref()) && is_probably_prime(group.order.as_ref()));
			for generator in [group.g(), group.h()] {
				assert!(generator.pow(group.order.as_ref()).retrieve().is_one().to_bool());
				assert!(!generator.retrieve().is_one().to_bool());
			}
		}
	}

	#[test]
	fn element_is_some_only_for_squares_below_modulus() {
		let group = Group::of(KeySize::Bits2048);
		let bytes = |x: BoxedUint| x.resize(3072).to_be_bytes();
		assert!(group.element(&bytes(BoxedUint::from(4u8))).is_some());
		// -1 is no square modulo 3 modulo 4.
		let minus_one = group.modulus.wrapping_sub(BoxedUint::one());
		for (name, value) in [
			("zero", BoxedUint::zero()),
			("minus one", minus_one),
			("the modulus", group.modulus.as_ref().clone()),
			("four more than the modulus", group.modulus.wrapping_add(BoxedUint::from(4u8))),
		] {
			assert!(group.element(&bytes(value)).is_none(), "{name}");
		}
	}
}
