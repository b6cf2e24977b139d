//! An account's id, and its address as text, for clients: the runtime has the SDK's own type with the same encoding.

use blake2::{Blake2b512, Digest};
use codec::{Decode, Encode};
use core::{fmt, str::FromStr};

/// The network prefix of the addresses that are written: that of any Substrate chain.
const PREFIX: u8 = 42;
const CHECKSUM_LENGTH: usize = 2;
/// Of an address's bytes: two of prefix, the account, the checksum.
const MAX_LENGTH: usize = 2 + 32 + CHECKSUM_LENGTH;
/// Of an address with one byte of prefix: 58^48 > 2^(8 * 35).
const MAX_TEXT_LENGTH: usize = 48;

/// An account: a public key, or a hash. As text, an SS58 address.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub struct AccountId(pub [u8; 32]);

/// Why a text is not an account's address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressError {
	/// A character is not of the Base58 alphabet.
	Base58,
	/// It does not hold 32 bytes of account.
	Length,
	/// The first byte is not that of a network's prefix.
	Prefix,
	/// The checksum does not fit: a character is wrong.
	Checksum,
}

impl fmt::Display for AddressError {
	fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
		formatter.write_str(match self {
			Self::Base58 => "it is not Base58",
			Self::Length => "it has the wrong length",
			Self::Prefix => "its network prefix is invalid",
			Self::Checksum => "its checksum is wrong",
		})
	}
}

impl core::error::Error for AddressError {}

/// The address, with the prefix of any Substrate chain.
impl fmt::Display for AccountId {
	fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
		let checksum = checksum(&[&[PREFIX], &self.0]);
		let bytes = [&[PREFIX][..], &self.0, &checksum].concat();
		let mut text = [0; MAX_TEXT_LENGTH];
		let length = bs58::encode(bytes).onto(&mut text[..]).map_err(|_| fmt::Error)?;
		let text = text.get(..length).and_then(|text| core::str::from_utf8(text).ok());
		formatter.write_str(text.ok_or(fmt::Error)?)
	}
}

/// The account of an address, whatever network it is written for.
impl FromStr for AccountId {
	type Err = AddressError;

	fn from_str(text: &str) -> Result<Self, AddressError> {
		let mut bytes = [0; MAX_LENGTH];
		let length = bs58::decode(text).onto(&mut bytes).map_err(|error| match error {
			bs58::decode::Error::BufferTooSmall => AddressError::Length,
			_ => AddressError::Base58,
		})?;
		let bytes = bytes.get(..length).ok_or(AddressError::Length)?;
		let prefix_length = match bytes.first().ok_or(AddressError::Length)? {
			0..=63 => 1,
			64..=127 => 2,
			_ => return Err(AddressError::Prefix),
		};
		let (prefix, rest) = bytes.split_at_checked(prefix_length).ok_or(AddressError::Length)?;
		let (account, sum) = rest.split_first_chunk::<32>().ok_or(AddressError::Length)?;
		let sum = <[u8; CHECKSUM_LENGTH]>::try_from(sum).map_err(|_| AddressError::Length)?;
		if checksum(&[prefix, account]) != sum {
			return Err(AddressError::Checksum);
		}
		Ok(Self(*account))
	}
}

/// The first bytes of the hash of an address's other bytes.
fn checksum(parts: &[&[u8]]) -> [u8; CHECKSUM_LENGTH] {
	let mut hasher = Blake2b512::new();
	hasher.update(b"SS58PRE");
	parts.iter().for_each(|part| hasher.update(part));
	let [first, second, ..] = <[u8; 64]>::from(hasher.finalize());
	[first, second]
}

#[cfg(test)]
mod tests {
	use super::*;
	use alloc::string::{String, ToString};

	const ALICE: [u8; 32] = [
		0xd4, 0x35, 0x93, 0xc7, 0x15, 0xfd, 0xd3, 0x1c, 0x61, 0x14, 0x1a, 0xbd, 0x04, 0xa9, 0x9f, 0xd6, 0x82, 0x2c,
		0x85, 0x58, 0x85, 0x4c, 0xcd, 0xe3, 0x9a, 0x56, 0x84, 0xe7, 0xa5, 0x6d, 0xa2, 0x7d,
	];

	/// An address of these bytes, with its checksum.
	fn address(prefix: &[u8], account: &[u8]) -> String {
		let bytes = [prefix, account, &checksum(&[prefix, account])].concat();
		bs58::encode(bytes).into_string()
	}

	#[test]
	fn address_is_the_sdks_for_known_accounts() {
		for (account, address) in [
			(ALICE, "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"),
			([0; 32], "5C4hrfjw9DjXZTzV3MwzrrAr9P1MJhSrvWGWqi1eSuyUpnhM"),
		] {
			assert_eq!(AccountId(account).to_string(), address);
			assert_eq!(address.parse(), Ok(AccountId(account)));
		}
	}

	#[test]
	fn address_is_read_for_every_network() {
		// Polkadot's, Kusama's, and the first and last with two bytes.
		for (address, account) in [
			("15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5".into(), ALICE),
			("HNZata7iMYWmk5RvZRTiAsSDhV8366zq2YGb3tLH5Upf74F".into(), ALICE),
			(address(&[64, 0], &[7; 32]), [7; 32]),
			(address(&[127, 255], &[0xff; 32]), [0xff; 32]),
		] as [(String, _); 4]
		{
			assert_eq!(address.parse(), Ok(AccountId(account)), "{address}");
		}
	}

	#[test]
	fn address_is_rejected_when_malformed() {
		for (text, error) in [
			(String::new(), AddressError::Length),
			("5".into(), AddressError::Length),
			("5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQ0".into(), AddressError::Base58),
			("5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQé".into(), AddressError::Base58),
			(" 5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY".into(), AddressError::Base58),
			("5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQZ".into(), AddressError::Checksum),
			(address(&[42], &[1; 31]), AddressError::Length),
			(address(&[42], &[1; 33]), AddressError::Length),
			(address(&[64, 0], &[1; 31]), AddressError::Length),
			(address(&[64, 0], &[1; 33]), AddressError::Length),
			(address(&[128], &[1; 32]), AddressError::Prefix),
			("1".repeat(100_000), AddressError::Length),
			("z".repeat(100_000), AddressError::Length),
		] {
			assert_eq!(text.parse::<AccountId>(), Err(error), "{text}");
		}
	}

	#[test]
	fn encoding_is_the_accounts_bytes() {
		assert_eq!(AccountId(ALICE).encode(), ALICE);
		assert_eq!(AccountId::decode(&mut &ALICE[..]), Ok(AccountId(ALICE)));
	}

	#[test]
	fn address_is_read_back_for_smallest_and_largest_account() {
		for account in [AccountId([0; 32]), AccountId([0xff; 32])] {
			assert_eq!(account.to_string().parse(), Ok(account));
		}
	}
}
