//! Ed25519 keys and the peer ids that follow from them.

use crate::FetchError;
use libp2p::{identity, PeerId};
use zeroize::Zeroizing;

/// The Ed25519 public key (RFC 8032, section 5.1.5) of a worker's seed: what it registers on chain.
pub fn public_key_of(seed: &Zeroizing<[u8; 32]>) -> [u8; 32] {
	keypair(seed.clone()).public().to_bytes()
}

pub(crate) fn keypair(mut seed: Zeroizing<[u8; 32]>) -> identity::ed25519::Keypair {
	#[allow(clippy::expect_used)]
	let secret = identity::ed25519::SecretKey::try_from_bytes(&mut seed[..]).expect("any 32 bytes are a seed");
	identity::ed25519::Keypair::from(secret)
}

/// The libp2p peer id of an Ed25519 public key; fails for bytes that are not a point of the curve.
pub fn peer_id_of(key: &[u8; 32]) -> Result<PeerId, FetchError> {
	let key = identity::ed25519::PublicKey::try_from_bytes(key);
	let key = key.map_err(|error| FetchError::BadPeer { what: "key", reason: error.to_string() })?;
	Ok(identity::PublicKey::from(key).to_peer_id())
}
