//! The Jacobi symbol of public numbers.

use crypto_bigint::BoxedUint;

/// `(a / n)` for an odd `n`: 1, -1, or 0 where they share a factor. Not constant time.
pub(super) fn jacobi(a: &BoxedUint, n: &BoxedUint) -> i8 {
	let (mut a, mut n) = (a.clone(), n.clone());
	let mut symbol = 1;
	while a.bits_vartime() > 0 {
		let twos = a.trailing_zeros_vartime();
		a = a.wrapping_shr_vartime(twos);
		// (2 / n) is -1 for n = 3 and 5 modulo 8.
		if twos % 2 == 1 && matches!(n.as_words()[0] & 7, 3 | 5) {
			symbol = -symbol;
		}
		if a.cmp_vartime(&n).is_lt() {
			std::mem::swap(&mut a, &mut n);
			// Quadratic reciprocity.
			if a.as_words()[0] & n.as_words()[0] & 3 == 3 {
				symbol = -symbol;
			}
		}
		a = a.wrapping_sub(&n);
	}
	if n.bits_vartime() == 1 {
		symbol
	} else {
		0
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	/// By Euler's criterion over the factors of `n`.
	fn expected(a: u64, n: u64) -> i8 {
		let mut rest = n;
		let mut symbol = 1;
		for prime in (3..=n).step_by(2) {
			while rest.is_multiple_of(prime) {
				rest /= prime;
				symbol *= match (0..(prime - 1) / 2).fold(1, |power, _| power * a % prime) {
					0 => 0,
					1 => 1,
					_ => -1,
				};
			}
		}
		symbol
	}

	#[test]
	fn jacobi_agrees_with_eulers_criterion() {
		for n in (1..120).step_by(2) {
			for a in 0..n {
				let symbol = jacobi(&BoxedUint::from(a), &BoxedUint::from(n));
				assert_eq!(symbol, expected(a, n), "({a} / {n})");
			}
		}
	}
}
