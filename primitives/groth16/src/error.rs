//! Why bytes are refused.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// Why a proof, its inputs or a key was refused. The discriminants are permanent; 0 stands for no error.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
#[repr(u8)]
pub enum Error {
	/// Everything is well-formed, but the proof does not prove this statement under this key.
	#[codec(index = 1)]
	InvalidProof = 1,
	/// A proof is not exactly [`PROOF_LEN`](crate::PROOF_LEN) bytes long; compressed points are not accepted.
	#[codec(index = 2)]
	ProofLength = 2,
	/// The public inputs are not a whole number of 32-byte scalars.
	#[codec(index = 3)]
	InputsLength = 3,
	/// There are fewer public inputs than the key has.
	#[codec(index = 4)]
	MissingInput = 4,
	/// There are more public inputs than the key has.
	#[codec(index = 5)]
	SurplusInput = 5,
	/// A scalar is not below the group order `r`.
	#[codec(index = 6)]
	ScalarNotCanonical = 6,
	/// A coordinate is not below the field modulus `p`.
	#[codec(index = 7)]
	CoordinateNotCanonical = 7,
	/// A point is not on its curve.
	#[codec(index = 8)]
	NotOnCurve = 8,
	/// A point of the second group is on the curve, but not of order `r`.
	#[codec(index = 9)]
	NotInSubgroup = 9,
	/// A point is the identity, written as zeros.
	#[codec(index = 10)]
	IdentityPoint = 10,
	/// The length of a verifying key is not that of a key for 0 to [`MAX_INPUTS`](crate::MAX_INPUTS) inputs.
	#[codec(index = 11)]
	KeyLength = 11,
	/// A verifying key's `gamma` equals its `delta`: nobody contributed to its second phase, and anybody can forge proofs.
	#[codec(index = 12)]
	NoContribution = 12,
	/// Not the bytes of a [`PreparedKey`](crate::PreparedKey) of this version.
	#[codec(index = 13)]
	NotPrepared = 13,
}

impl core::fmt::Display for Error {
	fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
		f.write_str(match self {
			Self::InvalidProof => "the proof does not prove this statement: check the key, the account and the chain",
			Self::ProofLength => "a proof has 256 bytes: A, B and C, uncompressed",
			Self::InputsLength => "public inputs are scalars of 32 bytes each",
			Self::MissingInput => "fewer public inputs than the verifying key has",
			Self::SurplusInput => "more public inputs than the verifying key has",
			Self::ScalarNotCanonical => "a scalar is not below the group order: reduce it first",
			Self::CoordinateNotCanonical => "a coordinate is not below the field modulus: reduce it first",
			Self::NotOnCurve => "a point is not on its curve: check the order of the coordinates and of the bytes",
			Self::NotInSubgroup => "a point of the second group is not of order r",
			Self::IdentityPoint => "a point is the identity: no honest proof or key contains it",
			Self::KeyLength => {
				"not the length of a verifying key: alpha, beta, gamma, delta, then one point more than inputs"
			},
			Self::NoContribution => "gamma equals delta: contribute to the key's second phase first",
			Self::NotPrepared => "not a prepared key of this version: prepare the verifying key again",
		})
	}
}

impl core::error::Error for Error {}

/// The outcome of a verification.
pub type Verdict = Result<(), Error>;

/// A verdict as a host function returns it: 0, or the error's discriminant.
pub fn verdict_to_code(verdict: Verdict) -> u32 {
	verdict.err().map_or(0, |error| error as u32)
}

/// The verdict behind a host function's answer; `None` for a code that is none.
pub fn verdict_from_code(code: u32) -> Option<Verdict> {
	match u8::try_from(code).ok()? {
		0 => Some(Ok(())),
		index => Error::decode(&mut &[index][..]).ok().map(Err),
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn codes_are_the_discriminants_and_come_back() {
		let verdicts: Vec<_> = (0..=u32::from(u8::MAX) + 1).filter_map(verdict_from_code).collect();
		assert_eq!(verdicts.len(), 14);
		for (code, verdict) in (0..).zip(verdicts) {
			assert_eq!(verdict_to_code(verdict), code);
			if let Err(error) = verdict {
				assert_eq!(error.encode(), [error as u8]);
			}
		}
	}
}
