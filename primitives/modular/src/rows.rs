//! `x += a b` for one limb `b`: a row of a schoolbook multiplication, of which all the others are made.

/// A way to compute rows.
pub(crate) trait Row: Copy {
	/// Adds `a b` to `x`, of the same length, and returns the carry.
	fn add_product(self, x: &mut [u64], a: &[u64], b: u64) -> u64;
}

/// Plain Rust, for every processor.
#[derive(Clone, Copy)]
pub(crate) struct Portable;

impl Row for Portable {
	#[inline(always)]
	fn add_product(self, x: &mut [u64], a: &[u64], b: u64) -> u64 {
		add_product_from(0, x, a, b)
	}
}

#[inline(always)]
fn add_product_from(mut carry: u64, x: &mut [u64], a: &[u64], b: u64) -> u64 {
	for (x, a) in x.iter_mut().zip(a) {
		// Cannot overflow: (2^64 - 1)^2 + 2 (2^64 - 1) = 2^128 - 1.
		let product = u128::from(*a).wrapping_mul(u128::from(b));
		let sum = product.wrapping_add(u128::from(*x)).wrapping_add(u128::from(carry));
		(*x, carry) = (sum as u64, (sum >> 64) as u64);
	}
	carry
}

#[cfg(target_arch = "x86_64")]
pub(crate) use adx::Adx;

#[cfg(target_arch = "x86_64")]
mod adx {
	use super::{add_product_from, Row};
	use std::{arch::asm, arch::is_x86_feature_detected};

	/// Two carry chains at once by MULX, ADCX and ADOX, which every x86-64 processor since 2015 or so has: the compiler
	/// has no way to write that, and it is nearly twice as fast. Exists only where the processor was asked.
	#[derive(Clone, Copy)]
	pub(crate) struct Adx(());

	impl Adx {
		/// The instructions, if the processor has them.
		#[inline(always)]
		pub(crate) fn detect() -> Option<Self> {
			(is_x86_feature_detected!("adx") && is_x86_feature_detected!("bmi2")).then_some(Self(()))
		}
	}

	impl Row for Adx {
		#[inline(always)]
		fn add_product(self, x: &mut [u64], a: &[u64], b: u64) -> u64 {
			let mut carry = 0;
			let ((x16, x), (a16, a)) = (x.as_chunks_mut(), a.as_chunks());
			for (x, a) in x16.iter_mut().zip(a16) {
				carry = self.add_16(carry, x, a, b);
			}
			let ((x8, x), (a8, a)) = (x.as_chunks_mut(), a.as_chunks());
			for (x, a) in x8.iter_mut().zip(a8) {
				carry = self.add_8(carry, x, a, b);
			}
			add_product_from(carry, x, a, b)
		}
	}

	/// Code for one limb: the upper half of its product goes from one register to the next limb by another.
	macro_rules! limb {
		($offset:literal, $from:literal, $to:literal) => {
			concat!(
				"mulx {",
				$to,
				"}, {low}, [{a} + ",
				$offset,
				"]\n",
				"adcx {low}, {",
				$from,
				"}\n",
				"adox {low}, [{x} + ",
				$offset,
				"]\n",
				"mov [{x} + ",
				$offset,
				"], {low}\n",
			)
		};
	}

	/// Code that adds `carry + a b` to as many limbs of `x` as are listed, and leaves the new carry.
	macro_rules! add_limbs {
		($x:ident, $a:ident, $b:ident, $carry:ident, $($limb:expr),+) => {
			asm!(
				// Clears both carries.
				"xor {zero:r}, {zero:r}",
				$($limb,)+
				"adcx {carry}, {zero}",
				"adox {carry}, {zero}",
				zero = out(reg) _,
				low = out(reg) _,
				even = out(reg) _,
				odd = out(reg) _,
				carry = inout(reg) $carry,
				a = in(reg) $a.as_ptr(),
				x = in(reg) $x.as_mut_ptr(),
				in("rdx") $b,
				options(nostack),
			)
		};
	}

	impl Adx {
		#[inline(always)]
		fn add_16(self, mut carry: u64, x: &mut [u64; 16], a: &[u64; 16], b: u64) -> u64 {
			// SAFETY: the processor has the instructions, as `self` exists; offsets up to 15 limbs are inside the arrays.
			#[allow(unsafe_code)]
			unsafe {
				add_limbs!(
					x,
					a,
					b,
					carry,
					limb!("0", "carry", "even"),
					limb!("8", "even", "odd"),
					limb!("16", "odd", "even"),
					limb!("24", "even", "odd"),
					limb!("32", "odd", "even"),
					limb!("40", "even", "odd"),
					limb!("48", "odd", "even"),
					limb!("56", "even", "odd"),
					limb!("64", "odd", "even"),
					limb!("72", "even", "odd"),
					limb!("80", "odd", "even"),
					limb!("88", "even", "odd"),
					limb!("96", "odd", "even"),
					limb!("104", "even", "odd"),
					limb!("112", "odd", "even"),
					limb!("120", "even", "carry")
				);
			}
			carry
		}

		#[inline(always)]
		fn add_8(self, mut carry: u64, x: &mut [u64; 8], a: &[u64; 8], b: u64) -> u64 {
			// SAFETY: as in `add_16`, with offsets up to 7 limbs.
			#[allow(unsafe_code)]
			unsafe {
				add_limbs!(
					x,
					a,
					b,
					carry,
					limb!("0", "carry", "even"),
					limb!("8", "even", "odd"),
					limb!("16", "odd", "even"),
					limb!("24", "even", "odd"),
					limb!("32", "odd", "even"),
					limb!("40", "even", "odd"),
					limb!("48", "odd", "even"),
					limb!("56", "even", "carry")
				);
			}
			carry
		}
	}

	#[cfg(test)]
	mod tests {
		use super::*;
		use crate::rows::Portable;
		use proptest::prelude::*;

		fn limbs() -> impl Strategy<Value = u64> {
			prop_oneof![any::<u64>(), Just(u64::MAX), Just(0)]
		}

		proptest! {
			#[test]
			fn agrees_with_plain_rust(pairs in prop::collection::vec((limbs(), limbs()), 0..60), b in limbs()) {
				let (x, a): (Vec<u64>, Vec<u64>) = pairs.into_iter().unzip();
				let Some(adx) = Adx::detect() else { return Ok(()) };
				let (mut ours, mut expected) = (x.clone(), x);
				let carry = adx.add_product(&mut ours, &a, b);
				prop_assert_eq!(carry, Portable.add_product(&mut expected, &a, b));
				prop_assert_eq!(ours, expected);
			}
		}
	}
}
