//! The runtime's calls, by name.

use crate::{AccountId, Balance, BondKind, Offer, Policy, Request, Terms, H256};
use codec::{Compact, Encode};
use encrytrust_fault_proofs::Fault;
use encrytrust_types::{
	dataset::Schema,
	identity::{KeyId, KeySignature, KeyTerms},
	job::{Commitment, DeclineReason, Endpoint, MaskKey, Role, UnitSet},
	DatasetId, JobId, Name,
};
use std::borrow::Cow;
use subxt::{
	ext::subxt_core::{error::MetadataError, Error as CoreError},
	tx::Payload,
	utils::MultiAddress,
	Metadata,
};

/// A call with its encoded arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
	/// The pallet's name.
	pub pallet: Cow<'static, str>,
	/// The call's name.
	pub name: Cow<'static, str>,
	/// The arguments, SCALE-encoded one after the other.
	pub arguments: Vec<u8>,
}

impl Payload for Call {
	fn encode_call_data_to(&self, metadata: &Metadata, out: &mut Vec<u8>) -> Result<(), CoreError> {
		let pallet = metadata.pallet_by_name_err(&self.pallet)?;
		let call = pallet
			.call_variant_by_name(&self.name)
			.ok_or_else(|| MetadataError::CallNameNotFound(self.name.to_string()))?;
		out.extend_from_slice(&[pallet.index(), call.index]);
		out.extend_from_slice(&self.arguments);
		Ok(())
	}
}

impl Call {
	fn bmpc(name: &'static str, arguments: impl Encode) -> Self {
		Self { pallet: "Bmpc".into(), name: name.into(), arguments: arguments.encode() }
	}

	fn bonds(name: &'static str, arguments: impl Encode) -> Self {
		Self { pallet: "Bonds".into(), name: name.into(), arguments: arguments.encode() }
	}

	fn identity_keys(name: &'static str, arguments: impl Encode) -> Self {
		Self { pallet: "IdentityKeys".into(), name: name.into(), arguments: arguments.encode() }
	}

	/// `Balances.transfer_keep_alive`.
	pub fn transfer(to: &AccountId, amount: Balance) -> Self {
		let to = MultiAddress::<AccountId, ()>::Id(to.clone());
		let arguments = (to, Compact(amount)).encode();
		Self { pallet: "Balances".into(), name: "transfer_keep_alive".into(), arguments }
	}

	/// `Proxy.proxy`: an encoded call by a proxy of the type `Worker`, for the account `real`.
	pub(crate) fn by_worker_proxy(real: &AccountId, call: &[u8]) -> Self {
		const WORKER: u8 = 1;
		let real = MultiAddress::<AccountId, ()>::Id(real.clone());
		let mut arguments = (real, Some(WORKER)).encode();
		arguments.extend_from_slice(call);
		Self { pallet: "Proxy".into(), name: "proxy".into(), arguments }
	}

	/// `System.remark` of nothing: a call that does nothing.
	pub fn remark() -> Self {
		Self { pallet: "System".into(), name: "remark".into(), arguments: Vec::<u8>::new().encode() }
	}

	/// `Bonds.bond`.
	pub fn bond(kind: BondKind, amount: Balance) -> Self {
		Self::bonds("bond", (kind, Compact(amount)))
	}

	/// `Bonds.bond_more`.
	pub fn bond_more(kind: BondKind, amount: Balance) -> Self {
		Self::bonds("bond_more", (kind, Compact(amount)))
	}

	/// `Bonds.unbond`.
	pub fn unbond(kind: BondKind, amount: Balance) -> Self {
		Self::bonds("unbond", (kind, Compact(amount)))
	}

	/// `Bonds.withdraw`.
	pub fn withdraw(kind: BondKind) -> Self {
		Self::bonds("withdraw", kind)
	}

	/// `IdentityKeys.request_key`.
	pub fn request_key(terms: &KeyTerms, node: &AccountId, possession: &KeySignature) -> Self {
		Self::identity_keys("request_key", (terms, node, possession))
	}

	/// `IdentityKeys.issue_key`.
	pub fn issue_key(key: KeyId) -> Self {
		Self::identity_keys("issue_key", key)
	}

	/// `IdentityKeys.refuse_key`.
	pub fn refuse_key(key: KeyId) -> Self {
		Self::identity_keys("refuse_key", key)
	}

	/// `IdentityKeys.expire_request`.
	pub fn expire_request(key: KeyId) -> Self {
		Self::identity_keys("expire_request", key)
	}

	/// `IdentityKeys.revoke_key`.
	pub fn revoke_key(key: KeyId, proof: &[u8]) -> Self {
		Self::identity_keys("revoke_key", (key, proof))
	}

	/// `IdentityKeys.rotate_key`.
	pub fn rotate_key(key: KeyId, proof: &[u8], terms: &KeyTerms, possession: &KeySignature) -> Self {
		Self::identity_keys("rotate_key", (key, proof, terms, possession))
	}

	/// `Bmpc.register_role`.
	pub fn register_role(endpoint: &Endpoint, offer: &Offer, terms: &Terms) -> Self {
		Self::bmpc("register_role", (endpoint, offer, terms))
	}

	/// `Bmpc.update_role`.
	pub fn update_role(endpoint: &Endpoint, offer: &Offer, terms: &Terms) -> Self {
		Self::bmpc("update_role", (endpoint, offer, terms))
	}

	/// `Bmpc.unregister_role`.
	pub fn unregister_role(role: Role) -> Self {
		Self::bmpc("unregister_role", role)
	}

	/// `Bmpc.register_dataset`.
	pub fn register_dataset(
		title: &Name,
		schema: &Schema,
		rows: u64,
		fingerprint: H256,
		price: Balance,
		policy: &Policy,
	) -> Self {
		Self::bmpc("register_dataset", (title, schema, rows, fingerprint, price, policy))
	}

	/// `Bmpc.update_dataset`.
	pub fn update_dataset(id: DatasetId, price: Balance, policy: &Policy) -> Self {
		Self::bmpc("update_dataset", (id, price, policy))
	}

	/// `Bmpc.refresh_dataset`.
	pub fn refresh_dataset(id: DatasetId, rows: u64, fingerprint: H256) -> Self {
		Self::bmpc("refresh_dataset", (id, rows, fingerprint))
	}

	/// `Bmpc.withdraw_dataset`.
	pub fn withdraw_dataset(id: DatasetId) -> Self {
		Self::bmpc("withdraw_dataset", id)
	}

	/// `Bmpc.request`.
	pub fn request(request: &Request) -> Self {
		Self::bmpc("request", request)
	}

	/// `Bmpc.confirm`.
	pub fn confirm(job: JobId, hash: H256, mask_key: Option<MaskKey>) -> Self {
		Self::bmpc("confirm", (job, hash, mask_key))
	}

	/// `Bmpc.decline`.
	pub fn decline(job: JobId, reason: DeclineReason) -> Self {
		Self::bmpc("decline", (job, reason))
	}

	/// `Bmpc.commit_selection`.
	pub fn commit_selection(job: JobId, commitment: &Commitment, basis: H256) -> Self {
		Self::bmpc("commit_selection", (job, commitment, basis))
	}

	/// `Bmpc.commit_inputs`.
	pub fn commit_inputs(job: JobId, commitment: &Commitment, basis: H256) -> Self {
		Self::bmpc("commit_inputs", (job, commitment, basis))
	}

	/// `Bmpc.commit_output`.
	pub fn commit_output(job: JobId, commitment: &Commitment, basis: H256) -> Self {
		Self::bmpc("commit_output", (job, commitment, basis))
	}

	/// `Bmpc.commit_result`.
	pub fn commit_result(job: JobId, commitment: &Commitment, basis: H256) -> Self {
		Self::bmpc("commit_result", (job, commitment, basis))
	}

	/// `Bmpc.accept`.
	pub fn accept(job: JobId) -> Self {
		Self::bmpc("accept", job)
	}

	/// `Bmpc.settle`.
	pub fn settle(job: JobId) -> Self {
		Self::bmpc("settle", job)
	}

	/// `Bmpc.expire`.
	pub fn expire(job: JobId) -> Self {
		Self::bmpc("expire", job)
	}

	/// `Bmpc.report_fault`.
	pub fn report_fault(job: JobId, fault: &Fault) -> Self {
		Self::bmpc("report_fault", (job, fault))
	}

	/// `Bmpc.challenge`.
	pub fn challenge(job: JobId, units: &UnitSet) -> Self {
		Self::bmpc("challenge", (job, units))
	}

	/// `Bmpc.expire_challenge`.
	pub fn expire_challenge(job: JobId) -> Self {
		Self::bmpc("expire_challenge", job)
	}

	/// `Bmpc.cancel`.
	pub fn cancel(job: JobId) -> Self {
		Self::bmpc("cancel", job)
	}

	/// `Bmpc.resume_role`.
	pub fn resume_role(role: Role) -> Self {
		Self::bmpc("resume_role", role)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::compatibility;
	use encrytrust_types::identity::{KdfParams, PublicKey};

	#[test]
	fn every_call_is_encoded_by_the_metadatas_types() {
		let metadata = compatibility::expected().unwrap();
		let commitment = Commitment { root: H256([1; 32]), blob: [2; 32] };
		let terms = KeyTerms {
			public_key: PublicKey::Ecdsa([8; 33]),
			commitment: [9; 32],
			salt: [10; 16],
			kdf: KdfParams::default(),
		};
		for call in [
			Call::transfer(&AccountId([3; 32]), 4),
			Call::bond(BondKind::Service, 4),
			Call::bond_more(BondKind::Validator, 4),
			Call::unbond(BondKind::Service, 4),
			Call::withdraw(BondKind::Service),
			Call::unregister_role(Role::Coordinator),
			Call::withdraw_dataset(5),
			Call::confirm(6, H256([7; 32]), None),
			Call::confirm(6, H256([7; 32]), Some([8; 32])),
			Call::decline(6, DeclineReason::Policy),
			Call::commit_selection(6, &commitment, H256([7; 32])),
			Call::commit_inputs(6, &commitment, H256([7; 32])),
			Call::commit_output(6, &commitment, H256([7; 32])),
			Call::commit_result(6, &commitment, H256([7; 32])),
			Call::accept(6),
			Call::settle(6),
			Call::expire(6),
			Call::challenge(6, &[3, 17].into_iter().collect()),
			Call::expire_challenge(6),
			Call::cancel(6),
			Call::resume_role(Role::Coordinator),
			Call::request_key(&terms, &AccountId([3; 32]), &KeySignature::Ecdsa([12; 65])),
			Call::issue_key(7),
			Call::refuse_key(7),
			Call::expire_request(7),
			Call::revoke_key(7, &[11; 256]),
			Call::rotate_key(7, &[11; 256], &terms, &KeySignature::Ed25519([12; 64])),
		] {
			// subxt decodes the arguments by the metadata's types: all of them, and nothing is left over.
			let bytes = call.encode_call_data(&metadata).unwrap();
			let calls = metadata.outer_enums().call_enum_ty();
			let input = &mut &*bytes;
			let decoded = subxt::ext::scale_value::scale::decode_as_type(input, calls, metadata.types()).unwrap();
			assert!(input.is_empty(), "{}", call.name);
			assert!(format!("{decoded:?}").contains(&*call.name), "{}", call.name);
		}
	}

	#[test]
	fn encode_fails_for_call_that_the_runtime_does_not_have() {
		let metadata = compatibility::expected().unwrap();
		let call = Call { pallet: "Bmpc".into(), name: "no_such_call".into(), arguments: vec![] };
		assert!(call.encode_call_data(&metadata).is_err());
	}
}
