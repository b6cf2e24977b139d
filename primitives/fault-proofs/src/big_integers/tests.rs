//! Native and pure arithmetic return the same numbers.

use super::*;
use proptest::prelude::*;

/// Bytes of any length, at the edges of limbs as well.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
	prop_oneof![
		4 => prop::collection::vec(any::<u8>(), 0..80),
		1 => prop::collection::vec(prop_oneof![Just(0), Just(1), Just(0xff)], 0..80),
		1 => prop::collection::vec(any::<u8>(), MAX_BYTES - 1..MAX_BYTES + 2),
	]
}

/// Odd and even moduli, zero and one, squares and their neighbours.
fn modulus() -> impl Strategy<Value = Vec<u8>> {
	let square = |root: Vec<u8>, more: u8| (BigUint::from_bytes_be(&root).pow(2) + more).to_bytes_be();
	prop_oneof![
		bytes(),
		(0..4u8, 0..9usize).prop_map(|(number, zeros)| [vec![0; zeros], vec![number]].concat()),
		(prop::collection::vec(any::<u8>(), 0..40), 0..3u8).prop_map(move |(root, more)| square(root, more)),
	]
}

proptest! {
	#[test]
	fn native_and_pure_code_agree(
		base in bytes(),
		exponent in prop::collection::vec(any::<u8>(), 0..40),
		modulus in modulus(),
	) {
		prop_assert_eq!(Native.power(&base, &exponent, &modulus), Pure.power(&base, &exponent, &modulus));
		prop_assert_eq!(Native.multiply(&base, &exponent, &modulus), Pure.multiply(&base, &exponent, &modulus));
		prop_assert_eq!(Native.is_coprime(&base, &modulus), Pure.is_coprime(&base, &modulus));
		let bases = [base, exponent.clone(), modulus.clone()];
		let powers: Option<Vec<_>> = bases.iter().map(|base| Pure.power(base, &exponent, &modulus)).collect();
		prop_assert_eq!(Native.power_each(&bases, &exponent, &modulus), powers);
	}

	#[test]
	fn native_and_pure_code_agree_on_secrets(
		left in bytes(),
		right in bytes(),
		numbers in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..6),
		modulus in modulus(),
	) {
		prop_assert_eq!(Native.remainder(&left, &modulus), Pure.remainder(&left, &modulus));
		let products = [Native.multiply_secrets(&left, &right, &modulus), Pure.multiply_secrets(&left, &right, &modulus)];
		prop_assert_eq!(&products[0], &products[1]);
		prop_assert_eq!(products[0].clone(), Pure.multiply(&left, &right, &modulus).map(Secret::new));
		let numbers: Vec<_> = numbers.into_iter().map(Secret::new).collect();
		let inverses = Native.invert_each(&numbers, &modulus);
		prop_assert_eq!(&inverses, &Pure.invert_each(&numbers, &modulus));
		for (number, inverse) in numbers.iter().zip(&inverses) {
			let one = Pure.multiply(&[1], &[1], &modulus);
			let product = inverse.as_ref().and_then(|inverse| Pure.multiply(number, inverse, &modulus));
			prop_assert_eq!(inverse.is_some(), Pure.is_coprime(number, &modulus));
			prop_assert!(inverse.is_none() || product == one);
		}
	}

	#[test]
	fn native_and_pure_code_agree_on_products_of_powers(
		terms in prop::collection::vec((prop::array::uniform16(any::<u8>()), prop::array::uniform5(any::<u8>())), 0..40),
		root in any::<u64>(),
		add in 0..3u128,
	) {
		// A square, or a number beside it; odd or even.
		let modulus = u128::from(root).pow(2).saturating_add(add).to_be_bytes();
		let bases: Vec<u8> = terms.iter().flat_map(|(base, _)| *base).collect();
		let exponents: Vec<u8> = terms.iter().flat_map(|(_, exponent)| *exponent).collect();
		let expected = Pure.product_of_powers(&bases, &exponents, 5, &modulus);
		prop_assert_eq!(Native.product_of_powers(&bases, &exponents, 5, &modulus), expected);
	}
}

/// Exponents and bases at their edges, under moduli of each kind.
#[test]
fn native_and_pure_code_agree_at_the_edges() {
	let square = vec![0xff; MAX_BYTES / 2];
	let square = fixed_bytes(&BigUint::from_bytes_be(&square).pow(2), MAX_BYTES);
	let next = fixed_bytes(&(BigUint::from_bytes_be(&square) + 2u8), MAX_BYTES);
	let even = fixed_bytes(&(BigUint::from_bytes_be(&square) - 1u8), MAX_BYTES);
	for modulus in [vec![1], vec![0, 0, 1], vec![2], vec![9], vec![15], vec![225], square.clone(), next, even] {
		for base in [vec![], vec![0], vec![1], modulus.clone(), vec![0xff; MAX_BYTES], square.clone()] {
			for exponent in [&[][..], &[0], &[0, 0, 1], &[2], &[0xff; 17]] {
				let power = Pure.power(&base, exponent, &modulus);
				assert!(
					power.is_some() && Native.power(&base, exponent, &modulus) == power,
					"{modulus:?} {base:?} {exponent:?}"
				);
			}
			assert_eq!(Native.is_coprime(&base, &modulus), Pure.is_coprime(&base, &modulus), "{modulus:?} {base:?}");
		}
	}
}

#[test]
fn bases_and_exponents_come_in_pairs() {
	let most = ([0, 1].repeat(MAX_TERMS), vec![1; MAX_TERMS]);
	let more = ([0, 1].repeat(MAX_TERMS + 1), vec![1; MAX_TERMS + 1]);
	for (name, bases, exponents, width) in [
		("a base cut short", &[1; 5][..], &[1; 2][..], 1),
		("an exponent cut short", &[1; 4], &[1; 3], 2),
		("a base without exponent", &[1; 6], &[1; 2], 1),
		("exponents without width", &[], &[], 0),
		("one more than any message has", &more.0, &more.1, 1),
	] {
		assert_eq!(Native.product_of_powers(bases, exponents, width, &[1, 1]), None, "{name}");
	}
	assert_eq!(Native.product_of_powers(&[], &[], 1, &[1, 1]), Some(vec![0, 1]));
	assert_eq!(Native.product_of_powers(&most.0, &most.1, 1, &[1, 1]), Some(vec![0, 1]));
}

#[test]
fn primes_are_told_from_products() {
	// 2^89 - 1 is prime, and so is 2^61 - 1.
	let (p, q) = (BigUint::from(2u8).pow(89) - 1u8, BigUint::from(2u8).pow(61) - 1u8);
	assert!(is_probable_prime(&p.to_bytes_be(), &Native));
	assert!(!is_probable_prime(&(p * q).to_bytes_be(), &Native));
	for small in [0u8, 1] {
		assert!(!is_probable_prime(&[small], &Native));
	}
}

/// `cargo test … -- --ignored --nocapture powers_take`: what the weights are bounded by.
#[test]
#[ignore = "prints timings, which depend on the machine: run by name"]
fn powers_take() {
	for bytes in [512, 768] {
		let (n, base) = (vec![0xab; bytes / 2], vec![0x5d; bytes]);
		let modulus = BigUint::from_bytes_be(&n).pow(2).to_bytes_be();
		let tell = |name: &str, work: &dyn Fn() -> bool| {
			let begin = std::time::Instant::now();
			(0..10).for_each(|_| assert!(work(), "{name}"));
			println!("{bytes} bytes, {name}: {:?}", begin.elapsed() / 10);
		};
		tell("short exponent", &|| Native.power(&base, &[0xcd; 16], &modulus).is_some());
		tell("half exponent", &|| Native.power(&base, &n, &modulus).is_some());
		tell("half exponent, no square", &|| Native.power(&modulus, &n, &base).is_some());
		tell("product", &|| Native.multiply(&base, &base, &modulus).is_some());
		tell("common factors", &|| !Native.is_coprime(&base, &n));
		tell("prime", &|| !is_probable_prime(&n, &Native));
		for terms in [91, 3_001] {
			let (bases, exponents) = (base.repeat(terms), [0xcd; 33].repeat(terms));
			let powers = || Native.product_of_powers(&bases, &exponents, 33, &modulus).is_some();
			tell(&format!("{terms} powers"), &powers);
		}
	}
}
