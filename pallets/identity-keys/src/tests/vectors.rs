//! The signatures of `tests/fixtures/vectors/identity.json`.

use super::*;
use serde_json::Value;
use sp_core::bytes::from_hex;

fn bytes<const N: usize>(case: &Value, name: &str) -> [u8; N] {
	from_hex(case[name].as_str().unwrap()).unwrap().try_into().unwrap()
}

#[test]
fn possession_matches_vectors() {
	let vectors: Value =
		serde_json::from_str(include_str!("../../../../tests/fixtures/vectors/identity.json")).unwrap();
	for case in vectors["possession"].as_array().unwrap() {
		let (public_key, possession) = match case["key_type"].as_str().unwrap() {
			"sr25519" => {
				let key = PublicKey::Sr25519(bytes(case, "public_key"));
				(key, KeySignature::Sr25519(bytes(case, "signature")))
			},
			"ed25519" => {
				let key = PublicKey::Ed25519(bytes(case, "public_key"));
				(key, KeySignature::Ed25519(bytes(case, "signature")))
			},
			"ecdsa" => (PublicKey::Ecdsa(bytes(case, "public_key")), KeySignature::Ecdsa(bytes(case, "signature"))),
			other => panic!("{other}"),
		};
		ExtBuilder.build_and_execute(|| {
			frame_system::BlockHash::<Test>::insert(0, sp_core::H256(bytes(case, "genesis")));
			let owner = AccountId::new(bytes(case, "owner"));
			let purpose = match case["purpose"].as_str().unwrap() {
				"request" => Purpose::Request,
				_ => Purpose::Rotate,
			};
			let check = |purpose| -> DispatchResult {
				Ok(IdentityKeys::check_possession(purpose, &owner, &public_key, &possession)?)
			};
			assert_eq!(check(purpose), Ok(()), "{case}");
			let other = if purpose == Purpose::Request { Purpose::Rotate } else { Purpose::Request };
			assert_eq!(check(other), Err(Error::InvalidPossession.into()), "{case}");
		});
	}
}
