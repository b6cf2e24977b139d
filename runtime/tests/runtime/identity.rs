use super::*;
use configs::RuntimeBlockWeights;
use encrytrust_groth16::{decode_inputs, encode_scalar, identity::public_inputs, simulation::Trapdoor, Fr};
use encrytrust_host_functions::proof_checks;
use encrytrust_traits::key_registry::KeyRegistry;
use encrytrust_types::{
	identity::{KdfParams, KeyTerms, PublicKey, DEV_VERIFYING_KEY},
	job::{Endpoint, Offer},
};
use frame_support::{assert_noop, assert_ok, dispatch::GetDispatchInfo};
use sp_keyring::Sr25519Keyring;

const PRESETS: [&str; 2] = ["development", "local_testnet"];

fn signed(who: Sr25519Keyring) -> RuntimeOrigin {
	RuntimeOrigin::signed(who.to_account_id())
}

fn register(who: Sr25519Keyring) -> sp_runtime::DispatchResult {
	let address = b"/ip4/127.0.0.1/tcp/4001".to_vec().try_into().expect("short enough");
	Bmpc::register_role(signed(who), Endpoint { sealing: [1; 32], peer: [2; 32], address }, Offer::DataProvider)
}

#[test]
fn presets_have_the_development_key_and_a_live_chain_refuses_it() {
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
fn a_role_stands_and_falls_with_its_identity_key() {
	preset("development").execute_with(|| {
		System::set_block_number(1);
		let (owner, node) = (Sr25519Keyring::Bob, Sr25519Keyring::Ferdie);
		let trapdoor = Trapdoor::new(3, 1);
		assert_ok!(IdentityKeys::set_verifying_key(RuntimeOrigin::root(), trapdoor.verifying_key().encode()));
		let terms = KeyTerms {
			public_key: PublicKey::Ed25519([1; 32]),
			commitment: encode_scalar(&Fr::from(5u8)),
			salt: [1; 16],
			kdf: KdfParams::default(),
		};
		assert_ok!(IdentityKeys::request_key(signed(owner), terms, node.to_account_id()));
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

/// A verification measured under a shortcut is a way to stop the chain.
#[test]
fn proofs_weigh_what_they_take() {
	let weight = |call: pallet_identity_keys::Call<Runtime>| RuntimeCall::from(call).get_dispatch_info().call_weight;
	let revoke = weight(pallet_identity_keys::Call::revoke_key { key: 0, proof: vec![0; 256] });
	assert!(revoke.ref_time() > 1_000_000_000, "a verification takes more than a millisecond");
	let batch = |n: usize| {
		let revocations = vec![(0, vec![0; 256]); n].try_into().expect("within the bound");
		weight(pallet_identity_keys::Call::revoke_keys { revocations })
	};
	assert!(batch(64).all_gte(batch(1)));
	assert!(batch(64).all_lte(RuntimeBlockWeights::get().max_block));
}

/// Natively, as all of these tests: that the node registers what the runtime's code imports shows when it starts, for it
/// refuses code with an import that it does not know.
#[test]
fn without_a_prepared_key_nothing_is_verified() {
	assert_eq!(proof_checks::verify(&[], &[], &[]), Err(encrytrust_groth16::Error::NotPrepared));
	assert_eq!(proof_checks::verify_batch(&[], &[]), []);
}
