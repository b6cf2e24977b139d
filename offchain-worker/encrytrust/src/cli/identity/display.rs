//! What is shown of keys.

use super::key_text::public_key_text;
use crate::cli::common::table;
use encrytrust_chain_client::{AccountId, IdentityKey, IdentityKeyEvent, IdentityKeyRequest};
use encrytrust_types::identity::{KeyChange, KeyId, KeyStatus, KeyTerms, Standing};
use serde_json::{json, Value};

pub(super) fn status_text(
	who: &AccountId,
	standing: &Standing,
	requested: Option<&(KeyId, IdentityKeyRequest)>,
	keys: &[(KeyId, IdentityKey, Vec<IdentityKeyEvent>)],
) -> String {
	let may = match (standing.active, standing.can_participate) {
		(true, _) => "has an active identity key",
		(false, true) => "has no identity key, and needs none",
		(false, false) => "has no active identity key, and can take no role and no new job",
	};
	let mut rows = vec![["KEY", "PUBLIC KEY", "STATUS", "HISTORY"].map(String::from).to_vec()];
	rows.extend(requested.map(|(id, request)| {
		let waits = format!("waits for {}, up to block {}", request.node, request.expires_at);
		vec![id.to_string(), public_key_text(&request.terms.public_key), "requested".into(), waits]
	}));
	rows.extend(keys.iter().map(|(id, key, history)| {
		let history: Vec<_> =
			history.iter().map(|event| format!("{} {}", event.at, change_name(event.change))).collect();
		vec![id.to_string(), public_key_text(&key.terms.public_key), status_name(key.status), history.join(", ")]
	}));
	match rows.len() {
		1 => format!("{who} {may}"),
		_ => format!("{who} {may}\n{}", table(&rows)),
	}
}

pub(super) fn key_value(id: KeyId, key: &IdentityKey, history: &[IdentityKeyEvent]) -> Value {
	let history = history
		.iter()
		.map(|event| json!({ "block": event.at, "by": event.by.to_string(), "change": change_name(event.change) }));
	json!({
		"key": id, "status": status_name(key.status), "issuer": key.issuer.to_string(), "previous": key.previous,
		"terms": terms_value(&key.terms), "history": history.collect::<Vec<_>>(),
	})
}

pub(super) fn request_value(id: KeyId, request: &IdentityKeyRequest) -> Value {
	json!({
		"key": id, "node": request.node.to_string(), "expires_at": request.expires_at,
		"terms": terms_value(&request.terms),
	})
}

pub(super) fn terms_value(terms: &KeyTerms) -> Value {
	json!({
		"public_key": public_key_text(&terms.public_key),
		"commitment": format!("0x{}", hex::encode(terms.commitment)),
		"salt": format!("0x{}", hex::encode(terms.salt)),
		"memory_kib": terms.kdf.memory_kib, "passes": terms.kdf.passes, "lanes": terms.kdf.lanes,
	})
}

fn status_name(status: KeyStatus) -> String {
	match status {
		KeyStatus::Active => "active".into(),
		KeyStatus::Revoked => "revoked".into(),
		KeyStatus::Rotated { to } => format!("rotated to {to}"),
	}
}

fn change_name(change: KeyChange) -> String {
	match change {
		KeyChange::Requested => "requested".into(),
		KeyChange::Issued => "issued".into(),
		KeyChange::Succeeded { from } => format!("in place of {from}"),
		KeyChange::Revoked { .. } => "revoked".into(),
		KeyChange::Rotated { to, .. } => format!("rotated to {to}"),
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use encrytrust_types::identity::{KdfParams, PublicKey};

	#[test]
	fn a_standing_is_told_with_its_keys() {
		let who = AccountId([1; 32]);
		let terms = KeyTerms {
			public_key: PublicKey::Sr25519([2; 32]),
			commitment: [3; 32],
			salt: [4; 16],
			kdf: KdfParams::default(),
		};
		let status = KeyStatus::Revoked;
		let (owner, issuer, depositor) = (who.clone(), who.clone(), who.clone());
		let key = IdentityKey { owner, terms, issuer, previous: None, status, depositor, deposit: 0 };
		let change = KeyChange::Revoked { verifying_key: 1 };
		let history = vec![IdentityKeyEvent { at: 9, by: who.clone(), change }];
		let value = key_value(5, &key, &history);
		assert_eq!((&value["key"], &value["status"]), (&json!(5), &json!("revoked")));
		assert_eq!(value["history"][0]["block"], json!(9));
		let standing = Standing { newest: Some(5), requested: None, active: false, can_participate: false };
		let text = status_text(&who, &standing, None, &[(5, key, history)]);
		assert!(text.contains("no new job") && text.contains("9 revoked"), "{text}");
	}
}
