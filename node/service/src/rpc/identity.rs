//! `identity_*`: identity keys as JSON.

use super::{
	json::*,
	reader::{page_size, Reader},
};
use encrytrust_runtime::{opaque::Block, AccountId, Balance, BlockNumber, Hash};
use encrytrust_types::identity::{
	KdfParams, Key, KeyChange, KeyEvent, KeyId, KeyRequest, KeyStatus, KeyTerms, PublicKey, Salt, Scalar, Standing,
	Statement, VerifyingKeyInfo,
};
use jsonrpsee::{core::RpcResult, proc_macros::rpc};
use pallet_identity_keys::runtime_api::{IdentityApi as IdentityRuntimeApi, MAX_PAGE};
use serde::Deserialize;
use serde_json::{json, Value};
use sp_api::ProvideRuntimeApi;
use sp_blockchain::HeaderBackend;
use sp_core::bytes;

/// A public key: `{ "sr25519": "0x…" }`, `{ "ed25519": "0x…" }` or `{ "ecdsa": "0x…" }`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum NewKey {
	/// 32 bytes.
	Sr25519(#[serde(deserialize_with = "fixed")] [u8; 32]),
	/// 32 bytes.
	Ed25519(#[serde(deserialize_with = "fixed")] [u8; 32]),
	/// 33 bytes, compressed.
	Ecdsa(#[serde(deserialize_with = "fixed")] [u8; 33]),
}

/// The terms of a key to which another is rotated, in the form in which `identity_key` returns them.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewTerms {
	public_key: NewKey,
	#[serde(deserialize_with = "fixed")]
	commitment: Scalar,
	#[serde(deserialize_with = "fixed")]
	salt: Salt,
	kdf: NewKdf,
}

/// Parameters of a derivation.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewKdf {
	memory_kib: u32,
	passes: u32,
	lanes: u32,
}

impl From<NewTerms> for KeyTerms {
	fn from(NewTerms { public_key, commitment, salt, kdf }: NewTerms) -> Self {
		let NewKdf { memory_kib, passes, lanes } = kdf;
		Self { public_key: public_key.into(), commitment, salt, kdf: KdfParams { memory_kib, passes, lanes } }
	}
}

/// Bytes of a fixed length in hexadecimal.
fn fixed<'de, D: serde::Deserializer<'de>, const N: usize>(deserializer: D) -> Result<[u8; N], D::Error> {
	let mut read = [0; N];
	bytes::deserialize_check_len(deserializer, bytes::ExpectedLen::Exact(&mut read))?;
	Ok(read)
}

impl From<NewKey> for PublicKey {
	fn from(key: NewKey) -> Self {
		match key {
			NewKey::Sr25519(bytes) => Self::Sr25519(bytes),
			NewKey::Ed25519(bytes) => Self::Ed25519(bytes),
			NewKey::Ecdsa(bytes) => Self::Ecdsa(bytes),
		}
	}
}

/// The methods.
#[rpc(server, namespace = "identity")]
pub(crate) trait IdentityApi {
	/// An issued key with its history; `null` if there is none.
	#[method(name = "key")]
	fn key(&self, id: KeyId, at: Option<Hash>) -> RpcResult<Option<Value>>;

	/// A request for a key that is not issued yet; `null` if there is none.
	#[method(name = "request")]
	fn request(&self, id: KeyId, at: Option<Hash>) -> RpcResult<Option<Value>>;

	/// The newest key and the request of an account, and whether it can participate in new jobs.
	#[method(name = "standing")]
	fn standing(&self, account: AccountId, at: Option<Hash>) -> RpcResult<Value>;

	/// A page of the keys of an account, the newest first, which starts with the key of id `from`. One with fewer than
	/// `limit` entries, at most and by default 64, is the last.
	#[method(name = "keysOf")]
	fn keys_of(
		&self,
		account: AccountId,
		from: Option<KeyId>,
		limit: Option<u32>,
		at: Option<Hash>,
	) -> RpcResult<Vec<Value>>;

	/// What a proof has to be about by which the submitter revokes a key, or rotates it to one of new terms.
	#[method(name = "statement")]
	fn statement(
		&self,
		id: KeyId,
		submitter: AccountId,
		new_terms: Option<NewTerms>,
		at: Option<Hash>,
	) -> RpcResult<Option<Value>>;

	/// The verifying key of proofs; `null` if none is set.
	#[method(name = "verifyingKey")]
	fn verifying_key(&self, at: Option<Hash>) -> RpcResult<Option<Value>>;

	/// The accounts that issue keys.
	#[method(name = "authenticationNodes")]
	fn authentication_nodes(&self, at: Option<Hash>) -> RpcResult<Vec<Value>>;

	/// Whether roles and jobs require an active key.
	#[method(name = "required")]
	fn required(&self, at: Option<Hash>) -> RpcResult<bool>;
}

impl<C> IdentityApiServer for Reader<C>
where
	C: ProvideRuntimeApi<Block> + HeaderBackend<Block> + Send + Sync + 'static,
	C::Api: IdentityRuntimeApi<Block, AccountId, Balance, BlockNumber>,
{
	fn key(&self, id: KeyId, at: Option<Hash>) -> RpcResult<Option<Value>> {
		let Some(found) = self.read(at, |api, at| api.key(at, id))? else { return Ok(None) };
		let mut value = key(id, &found);
		value["history"] = self.read(at, |api, at| api.history(at, id))?.iter().map(event).collect();
		Ok(Some(value))
	}

	fn request(&self, id: KeyId, at: Option<Hash>) -> RpcResult<Option<Value>> {
		Ok(self.read(at, |api, at| api.request(at, id))?.map(|found| request(id, &found)))
	}

	fn standing(&self, account: AccountId, at: Option<Hash>) -> RpcResult<Value> {
		Ok(standing(&self.read(at, |api, at| api.standing(at, account))?))
	}

	fn keys_of(
		&self,
		account: AccountId,
		from: Option<KeyId>,
		limit: Option<u32>,
		at: Option<Hash>,
	) -> RpcResult<Vec<Value>> {
		let limit = page_size(limit, MAX_PAGE)?;
		let keys = self.read(at, |api, at| api.keys_of(at, account, from, limit))?;
		Ok(keys.iter().map(|(id, found)| key(*id, found)).collect())
	}

	fn statement(
		&self,
		id: KeyId,
		submitter: AccountId,
		new_terms: Option<NewTerms>,
		at: Option<Hash>,
	) -> RpcResult<Option<Value>> {
		let new_terms = new_terms.map(KeyTerms::from);
		Ok(self.read(at, |api, at| api.statement(at, id, submitter, new_terms))?.map(|found| statement(&found)))
	}

	fn verifying_key(&self, at: Option<Hash>) -> RpcResult<Option<Value>> {
		Ok(self.read(at, |api, at| api.verifying_key(at))?.map(|found| verifying_key(&found)))
	}

	fn authentication_nodes(&self, at: Option<Hash>) -> RpcResult<Vec<Value>> {
		Ok(self.read(at, |api, at| api.authentication_nodes(at))?.iter().map(account).collect())
	}

	fn required(&self, at: Option<Hash>) -> RpcResult<bool> {
		self.read(at, |api, at| api.identity_required(at))
	}
}

fn key(id: KeyId, key: &Key<AccountId, Balance>) -> Value {
	let (status, rotated_to) = match key.status {
		KeyStatus::Active => ("active", None),
		KeyStatus::Revoked => ("revoked", None),
		KeyStatus::Rotated { to } => ("rotated", Some(to)),
	};
	json!({
		"id": id, "owner": account(&key.owner), "terms": terms(&key.terms), "issuer": account(&key.issuer),
		"previous": key.previous, "status": status, "rotatedTo": rotated_to,
		"depositor": account(&key.depositor), "deposit": amount(&key.deposit),
	})
}

fn request(id: KeyId, request: &KeyRequest<AccountId, Balance, BlockNumber>) -> Value {
	json!({
		"id": id, "owner": account(&request.owner), "terms": terms(&request.terms), "node": account(&request.node),
		"requestedAt": request.requested_at, "expiresAt": request.expires_at, "deposit": amount(&request.deposit),
	})
}

fn terms(terms: &KeyTerms) -> Value {
	let kind = match terms.public_key {
		PublicKey::Sr25519(_) => "sr25519",
		PublicKey::Ed25519(_) => "ed25519",
		PublicKey::Ecdsa(_) => "ecdsa",
	};
	json!({
		"publicKey": { kind: hex(terms.public_key.bytes()) }, "commitment": hex(&terms.commitment),
		"salt": hex(&terms.salt),
		"kdf": { "memoryKib": terms.kdf.memory_kib, "passes": terms.kdf.passes, "lanes": terms.kdf.lanes },
	})
}

fn event(event: &KeyEvent<AccountId, BlockNumber>) -> Value {
	let mut value = match event.change {
		KeyChange::Requested => json!({ "change": "requested" }),
		KeyChange::Issued => json!({ "change": "issued" }),
		KeyChange::Succeeded { from } => json!({ "change": "succeeded", "from": from }),
		KeyChange::Revoked { verifying_key } => json!({ "change": "revoked", "verifyingKey": verifying_key }),
		KeyChange::Rotated { to, verifying_key } => {
			json!({ "change": "rotated", "to": to, "verifyingKey": verifying_key })
		},
	};
	value["block"] = event.at.into();
	value["by"] = account(&event.by);
	value
}

fn standing(standing: &Standing) -> Value {
	json!({
		"newest": standing.newest, "requested": standing.requested, "active": standing.active,
		"canParticipate": standing.can_participate,
	})
}

fn statement(statement: &Statement) -> Value {
	json!({
		"genesis": hex(statement.genesis.as_bytes()), "commitment": hex(&statement.commitment),
		"fingerprint": hex(&statement.fingerprint), "context": hex(&statement.context),
	})
}

fn verifying_key(key: &VerifyingKeyInfo) -> Value {
	json!({ "version": key.version, "bytes": hex(&key.bytes), "development": key.development })
}
