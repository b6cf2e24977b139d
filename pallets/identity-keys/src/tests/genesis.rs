//! The state at genesis.

use super::*;
use encrytrust_groth16::identity::DEV_VERIFYING_KEY;
use sp_core::Bytes;
use sp_runtime::BuildStorage;

fn dev_key() -> Option<Bytes> {
	Some(Bytes(DEV_VERIFYING_KEY.to_vec()))
}

#[test]
fn genesis_stores_nodes_and_verifying_key() {
	ExtBuilder.build_and_execute(|| {
		let mut nodes = IdentityKeys::authentication_nodes();
		nodes.sort();
		assert_eq!(nodes, [NODE, OTHER_NODE]);
		assert_eq!(CurrentVerifyingKey::<Test>::get().unwrap().version, 1);
		assert_eq!(CurrentPreparedKey::<Test>::get().unwrap().into_inner(), prepared());
		assert!(!Development::<Test>::get());
		assert!(!IdentityKeys::identity_required());
	})
}

#[test]
fn genesis_accepts_development_key_on_development_chain() {
	let development = GenesisConfig { development: true, verifying_key: dev_key(), ..genesis() };
	ExtBuilder.build_with(development).execute_with(|| {
		assert!(IdentityKeys::verifying_key_info().unwrap().development);
		let other = Trapdoor::new(3, 2).verifying_key().encode();
		assert_ok!(IdentityKeys::set_verifying_key(RuntimeOrigin::root(), other));
		assert_ok!(IdentityKeys::set_verifying_key(RuntimeOrigin::root(), DEV_VERIFYING_KEY.to_vec()));
		check_invariants();
	})
}

#[test]
fn genesis_panics_when_invalid() {
	for (case, config) in [
		("the development key on a live chain", GenesisConfig { verifying_key: dev_key(), ..genesis() }),
		("no key", GenesisConfig { verifying_key: Some(Bytes(vec![1; 704])), ..genesis() }),
		("a node twice", GenesisConfig { authentication_nodes: vec![NODE, NODE], ..genesis() }),
	] {
		let build = move || config.build_storage().map(drop);
		assert!(!matches!(std::panic::catch_unwind(build), Ok(Ok(()))), "{case}");
	}
}
