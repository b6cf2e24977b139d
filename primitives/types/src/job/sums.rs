//! How long sums can get: whether a template can be computed over so many rows.

use super::template::{Parameters, TemplateKind};

/// The most bits of a sum of products: sums stay in 128 bits with a sign, and what is computed from them after the
/// decryption, too.
pub const MAX_SUM_BITS: u32 = 120;

/// Whether the sums of a template over columns of at most `bits` bits and so many rows can be computed with: none is
/// longer than [`MAX_SUM_BITS`], and all slots of a feature fit below a modulus of `modulus_bits` bits. Those of a
/// row-wise template always do: weights have 32 bits, and there are 32 of them.
pub fn sums_fit(kind: TemplateKind, parameters: &Parameters, bits: u8, rows: u64, modulus_bits: u32) -> bool {
	let of_rows = bit_length(rows.saturating_sub(1));
	let longest = match kind {
		TemplateKind::RowSum | TemplateKind::RowWeightedSum => return true,
		TemplateKind::ColumnVariance | TemplateKind::Covariance => u32::from(bits).saturating_mul(2),
		TemplateKind::WeightedSum => u32::from(bits).saturating_add(bit_length(parameters.addends(0))),
		TemplateKind::ColumnSum | TemplateKind::ColumnMean | TemplateKind::Histogram => 0,
	};
	let slots = kind.slots(parameters, bits, bits);
	let all = slots.iter().fold(0u32, |all, slot| all.saturating_add(slot_bits(*slot, rows)));
	longest.saturating_add(of_rows) <= MAX_SUM_BITS && all < modulus_bits
}

/// Bits of a slot that holds the sum of `rows` values of `bits` bits, each with its offset.
pub fn slot_bits(bits: u8, rows: u64) -> u32 {
	u32::from(bits).saturating_add(1).saturating_add(bit_length(rows.saturating_sub(1)))
}

/// `ceil(log2(n + 1))`.
fn bit_length(n: u64) -> u32 {
	u64::BITS.saturating_sub(n.leading_zeros())
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn sums_fit_to_the_bit() {
		let weights = Parameters::Weights(vec![1 << 30; 2].try_into().unwrap());
		let bins = |bins| Parameters::Histogram { low: 0, width: 1, bins };
		use TemplateKind::*;
		for (name, kind, parameters, bits, rows, fit) in [
			("squares of 56 bits", ColumnVariance, Parameters::None, 56, 256, true),
			("a row more", ColumnVariance, Parameters::None, 56, 257, false),
			("squares of 60 bits", ColumnVariance, Parameters::None, 60, 1, true),
			("a bit more", Covariance, Parameters::None, 61, 1, false),
			("weights of 31 bits", WeightedSum, weights.clone(), 57, 1 << 31, true),
			("a row more", WeightedSum, weights, 57, (1 << 31) + 1, false),
			("the widest sums", ColumnMean, Parameters::None, 62, u64::MAX, true),
			("64 bins of 31 bits", Histogram, bins(64), 1, 1 << 29, true),
			("64 bins of 32 bits", Histogram, bins(64), 1, 1 << 30, false),
			("63 bins of 32 bits", Histogram, bins(63), 1, 1 << 30, true),
		] {
			assert_eq!(sums_fit(kind, &parameters, bits, rows, 2048), fit, "{name}");
		}
	}
}
