//! The ETS token and its six programs (white paper, section 8).

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_runtime::{traits::AccountIdConversion, Permill, TypeId};

/// An amount of the token's smallest unit, `10^-12` ETS.
pub type Balance = u128;

/// One ETS in its smallest units.
pub const ETS: Balance = 1_000_000_000_000;

/// Everything that exists, from genesis for ever.
pub const TOTAL_ISSUANCE: Balance = 2_000_000_000 * ETS;

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

impl TypeId for Program {
	const TYPE_ID: [u8; 4] = *b"etsp";
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

	/// The program's part of [`TOTAL_ISSUANCE`].
	pub const fn share(self) -> Permill {
		Permill::from_percent(match self {
			Self::Ecology => 30,
			Self::EarlyInvestors => 10,
			Self::PrivatePlacement => 15,
			Self::Team => 21,
			Self::Foundation => 14,
			Self::UniversityFund => 10,
		})
	}

	/// What the program holds at genesis.
	pub fn allocation(self) -> Balance {
		self.share().mul_floor(TOTAL_ISSUANCE)
	}

	/// The program's keyless account.
	pub fn account<AccountId: Encode + Decode>(self) -> AccountId {
		self.into_account_truncating()
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
