use super::*;
use configs::RuntimeBlockWeights;
use encrytrust_groth16::{decode_inputs, encode_scalar, identity::public_inputs, simulation::Trapdoor, Fr};
use encrytrust_host_functions::proof_checks;
use encrytrust_traits::key_registry::KeyRegistry;
use encrytrust_types::{
	identity::{possession_message, KdfParams, KeySignature, KeyTerms, PublicKey, Purpose, DEV_VERIFYING_KEY},
	job::{Endpoint, Offer},
};
use frame_support::{assert_noop, assert_ok, dispatch::GetDispatchInfo};
use sp_core::{ed25519, Pair};
use sp_keyring::Sr25519Keyring;

const PRESETS: [&str; 2] = ["development", "local_testnet"];

fn signed(who: Sr25519Keyring) -> RuntimeOrigin {
	RuntimeOrigin::signed(who.to_account_id())
}

fn register(who: Sr25519Keyring) -> sp_runtime::DispatchResult {
	let address = b"/ip4/127.0.0.1/tcp/4001".to_vec().try_into().expect("short enough");
	let endpoint = Endpoint { sealing: [1; 32], peer: [2; 32], address };
	Bmpc::register_role(signed(who), endpoint, Offer::DataProvider, conservation::terms())
}

#[test]
fn development_key_is_refused_on_live_chain() {
	for name in PRESETS {
		preset(name).execute_with(|| {
			let key = IdentityKeys::verifying_key_info().expect("there is a verifying key");
			assert_eq!((key.version, key.development), (1, true), "{name}");
			assert_eq!(IdentityKeys::authentication_nodes(), [Sr25519Keyring::Ferdie.to_account_id()], "{name}");
			assert!(!IdentityKeys::identity_required(), "{name}");
			assert_ok!(IdentityKeys::do_try_state());
		});
	}
	let mut live = TestExternalities::from(RuntimeGenesisConfig::default().build_storage().expect("builds"));
	live.execute_with(|| {
		assert!(IdentityKeys::verifying_key_info().is_none());
		assert_noop!(
			IdentityKeys::set_verifying_key(RuntimeOrigin::root(), DEV_VERIFYING_KEY.to_vec()),
			pallet_identity_keys::Error::<Runtime>::DevelopmentKey
		);
	});
}

#[test]
fn register_role_depends_on_identity_key() {
	preset("development").execute_with(|| {
		System::set_block_number(1);
		let owner = Sr25519Keyring::Bob;
		let node = Sr25519Keyring::Ferdie;
		let trapdoor = Trapdoor::new(3, 1);
		assert_ok!(IdentityKeys::set_verifying_key(RuntimeOrigin::root(), trapdoor.verifying_key().encode()));
		let pair = ed25519::Pair::from_seed(&[1; 32]);
		let public_key = PublicKey::Ed25519(pair.public().0);
		let message =
			possession_message(Purpose::Request, &System::block_hash(0).0, &owner.to_account_id().into(), &public_key);
		let possession = KeySignature::Ed25519(pair.sign(&message).0);
		let terms = KeyTerms {
			public_key,
			commitment: encode_scalar(&Fr::from(5u8)),
			salt: [1; 16],
			kdf: KdfParams::default(),
		};
		assert_ok!(IdentityKeys::request_key(signed(owner), terms, node.to_account_id(), possession));
		assert_ok!(IdentityKeys::issue_key(signed(node), 0));
		assert!(IdentityKeys::is_active(&owner.to_account_id()));

		let statement = IdentityKeys::statement(0, &node.to_account_id(), None).expect("there is such a key");
		let inputs = public_inputs(&statement.commitment, &statement.fingerprint, &statement.context);
		let proof = trapdoor.prove(&decode_inputs(&inputs).expect("scalars"), 0).encode();
		assert_ok!(IdentityKeys::revoke_key(signed(node), 0, proof));
		assert_noop!(register(owner), pallet_bmpc::Error::<Runtime>::InactiveIdentity);
		assert_ok!(register(Sr25519Keyring::Charlie));

		assert_ok!(IdentityKeys::set_identity_required(RuntimeOrigin::root(), true));
		assert_noop!(register(Sr25519Keyring::Dave), pallet_bmpc::Error::<Runtime>::InactiveIdentity);
		assert_ok!(IdentityKeys::do_try_state());
	});
}

/// If a shortcut had made verification look cheap in the benchmark, blocks could be overloaded.
#[test]
fn proof_weights_are_within_limits() {
	let weight = |call: pallet_identity_keys::Call<Runtime>| RuntimeCall::from(call).get_dispatch_info().call_weight;
	let revoke = weight(pallet_identity_keys::Call::revoke_key { key_id: 0, proof: vec![0; 256] });
	assert!(revoke.ref_time() > 1_000_000_000, "a verification takes more than a millisecond");
	let batch = |n: usize| {
		let revocations = vec![(0, vec![0; 256]); n].try_into().expect("within the bound");
		weight(pallet_identity_keys::Call::revoke_keys { revocations })
	};
	assert!(batch(64).all_gte(batch(1)));
	assert!(batch(64).all_lte(RuntimeBlockWeights::get().max_block));
}

/// Natively, as all of these tests. That the node registers the host functions that the runtime imports is checked when
/// it starts, because it refuses code with an unknown import.
#[test]
fn proof_checks_fail_when_key_is_not_prepared() {
	assert_eq!(proof_checks::verify(&[], &[], &[]), Err(encrytrust_groth16::Error::NotPrepared));
	assert_eq!(proof_checks::verify_batch(&[], &[]), []);
}
