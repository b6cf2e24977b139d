//! Key pairs of accounts.

use crate::{AccountId, Error};
use std::str::FromStr;
use subxt_signer::{sr25519::Keypair, SecretUri};

/// The sr25519 key pair of a secret URI: `//Alice`, or a phrase with derivations, or 0x and 32 bytes of seed.
pub fn keypair(secret_uri: &str) -> Result<Keypair, Error> {
	let uri = SecretUri::from_str(secret_uri.trim()).map_err(|_| Error::SecretUri)?;
	Keypair::from_uri(&uri).map_err(|_| Error::SecretUri)
}

/// The account of a key pair.
pub fn account_of(signer: &Keypair) -> AccountId {
	AccountId(signer.public_key().0)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn keypair_of_development_account_has_its_known_address() {
		let alice = account_of(&keypair("//Alice\n").unwrap());
		assert_eq!(alice.to_string(), "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY");
	}

	#[test]
	fn keypair_error_does_not_repeat_the_secret() {
		let Err(error) = keypair("correct horse battery staple") else { panic!("accepted") };
		assert!(!error.to_string().contains("horse"));
	}
}
