//! The ETS token and its six programs (white paper, section 8).

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// An amount of the token's smallest unit, `10^-12` ETS.
pub type Balance = u128;

/// One ETS in its smallest units.
pub const ETS: Balance = 1_000_000_000_000;

/// Everything that exists, from genesis for ever.
pub const TOTAL_ISSUANCE: Balance = 2_000_000_000 * ETS;

/// What the accounts of [`Program`]s begin with.
const ACCOUNT_PREFIX: &[u8; 4] = b"etsp";

/// A program that the token is allocated to. Its account has no key: only the runtime moves its money.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
pub enum Program {
	/// Community and ecology; receives service fees.
	#[codec(index = 0)]
	Ecology,
	/// Early investors.
	#[codec(index = 1)]
	EarlyInvestors,
	/// Private placement.
	#[codec(index = 2)]
	PrivatePlacement,
	/// The team.
	#[codec(index = 3)]
	Team,
	/// The Foundation; pays validators.
	#[codec(index = 4)]
	Foundation,
	/// University fund.
	#[codec(index = 5)]
	UniversityFund,
}

impl Program {
	/// All six, in the white paper's order.
	pub const ALL: [Self; 6] = [
		Self::Ecology,
		Self::EarlyInvestors,
		Self::PrivatePlacement,
		Self::Team,
		Self::Foundation,
		Self::UniversityFund,
	];

	/// What the program holds at genesis.
	pub const fn allocation(self) -> Balance {
		(TOTAL_ISSUANCE / 100).saturating_mul(self.percent())
	}

	/// The program's part of [`TOTAL_ISSUANCE`].
	const fn percent(self) -> Balance {
		match self {
			Self::Ecology => 30,
			Self::EarlyInvestors => 10,
			Self::PrivatePlacement => 15,
			Self::Team => 21,
			Self::Foundation => 14,
			Self::UniversityFund => 10,
		}
	}

	/// The program's keyless account: the bytes `etsp`, its number, and zeros, as many as an account's id has
	/// bytes left.
	pub fn account<AccountId: Decode>(self) -> AccountId {
		let bytes = [&ACCOUNT_PREFIX[..], &self.encode(), &[0; 32]].concat();
		#[allow(clippy::expect_used)] // as `AccountIdConversion` of the SDK
		AccountId::decode(&mut &bytes[..]).expect("an account's id is any bytes")
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn the_programs_hold_everything() {
		assert_eq!(Program::ALL.map(Program::allocation).iter().sum::<Balance>(), TOTAL_ISSUANCE);
	}

	#[test]
	fn every_program_has_its_own_account() {
		let mut accounts = Program::ALL.map(|program| program.account::<[u8; 32]>());
		accounts.sort();
		assert!(accounts.windows(2).all(|pair| pair[0] != pair[1]));
	}
}
