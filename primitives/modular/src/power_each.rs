//! Many powers at once.

#[cfg(target_arch = "x86_64")]
use crate::lanes::{Lanes, LANES};
use crate::{MontgomeryRing, Residue};

impl MontgomeryRing {
	/// Each base to the power of its exponent, in a time that depends on the number of terms and the lengths of exponents
	/// alone.
	///
	/// Where the processor has AVX-512 IFMA, eight powers with equally long exponents take less than twice the time of one.
	pub fn power_each(&self, terms: &[(&Residue, &[u64])]) -> Vec<Residue> {
		#[cfg(target_arch = "x86_64")]
		if let Some(lanes) = Lanes::new(self).filter(|_| terms.len() > 1) {
			return terms.chunks(LANES).flat_map(|terms| lanes.power(terms)).collect();
		}
		terms.iter().map(|(base, exponent)| self.power(base, exponent)).collect()
	}
}
