//! `encrytrust identity`.

mod arguments;
mod display;
mod key_text;
mod secrets;

pub(super) use arguments::Command;

use super::common::{Chain, Output};
use anyhow::{bail, Context, Result};
use arguments::{Known, NewKey, Sender};
use display::{key_value, request_value, status_text, terms_value};
use encrytrust_chain_client::{account_of, AccountId, Call, Client, Event, IdentityKey, Keypair};
use encrytrust_types::identity::{possession_message, Action, KeyId, KeyStatus, PublicKey, Purpose};
use key_text::public_key_text;
use secrets::{new_answer, Proven};
use serde_json::json;
use std::path::PathBuf;

/// How many keys `status` tells.
const SHOWN: u32 = 16;

pub(super) async fn run(command: Command, output: &Output) -> Result<()> {
	match command {
		Command::Request { key, node, answer_file, sender } => request(key, &node, answer_file, sender, output).await,
		Command::Issue { id, sender } => send(&sender, id, &Call::issue_key(id), "issued", output).await,
		Command::Refuse { id, sender } => send(&sender, id, &Call::refuse_key(id), "refused", output).await,
		Command::Expire { id, sender } => send(&sender, id, &Call::expire_request(id), "removed", output).await,
		Command::Revoke { id, known, sender } => revoke(id, known, sender, output).await,
		Command::Rotate { id, known, key, sender } => rotate(id, known, key, sender, output).await,
		Command::Message { public_key, owner, rotate, chain } => {
			message(&public_key, &owner, rotate, &chain, output).await
		},
		Command::Status { who, chain } => status(&who, &chain, output).await,
	}
}

async fn request(
	key: NewKey,
	node: &AccountId,
	answer_file: Option<PathBuf>,
	sender: Sender,
	output: &Output,
) -> Result<()> {
	key.check()?;
	let (signer, client) = sender.connect().await?;
	let owner = account_of(&signer);
	let possession = key.possession(Purpose::Request, &client, &owner)?;
	let answer = new_answer(answer_file.as_ref())?;
	let terms = key.terms(answer, output).await?;
	let (block, events) = client.execute(&Call::request_key(&terms, node, &possession), &signer).await?;
	let asked =
		events.iter().find(|event| event.is("IdentityKeys", "KeyRequested")).context("the chain says nothing")?;
	let id = number(asked, "key_id")?;
	let expires = number(asked, "expires_at")?;
	let value = json!({
		"block": block.number, "key": id, "owner": owner.to_string(),
		"node": node.to_string(), "expires_at": expires, "terms": terms_value(&terms),
		"code_file": key.new_code_file, "answer_only": key.answer_only,
	});
	output.print(&value, |_| {
		format!("block {}: asked for key {id}; {node} can issue it up to block {expires}", block.number)
	})
}

async fn revoke(id: KeyId, known: Known, sender: Sender, output: &Output) -> Result<()> {
	let (signer, client) = sender.connect().await?;
	let key = active_key(&client, id).await?;
	let (secret, _) = known.secret(&key.terms, output).await?;
	let proven = Proven { id, key: &key, action: Action::Revoke };
	let proof = known.prove(&client, proven, secret, &signer, output).await?;
	finish(&client, id, &Call::revoke_key(id, &proof), "revoked", &signer, output).await
}

async fn rotate(id: KeyId, known: Known, new: NewKey, sender: Sender, output: &Output) -> Result<()> {
	new.check()?;
	let (signer, client) = sender.connect().await?;
	let key = active_key(&client, id).await?;
	let possession = new.possession(Purpose::Rotate, &client, &key.owner)?;
	let (secret, answer) = known.secret(&key.terms, output).await?;
	let terms = new.terms(answer, output).await?;
	let action = Action::Rotate { terms: &terms };
	let proof = known.prove(&client, Proven { id, key: &key, action }, secret, &signer, output).await?;
	let (block, events) = client.execute(&Call::rotate_key(id, &proof, &terms, &possession), &signer).await?;
	let rotated =
		events.iter().find(|event| event.is("IdentityKeys", "KeyRotated")).context("the chain says nothing")?;
	let to = number(rotated, "new_key_id")?;
	let value = json!({
		"block": block.number, "key": id, "rotated_to": to, "owner": key.owner.to_string(), "terms": terms_value(&terms),
		"code_file": new.new_code_file, "answer_only": new.answer_only,
	});
	output.print(&value, |_| format!("block {}: key {id} has ended, {to} is in its place", block.number))
}

async fn message(
	public_key: &PublicKey,
	owner: &AccountId,
	rotate: bool,
	chain: &Chain,
	output: &Output,
) -> Result<()> {
	let client = chain.connect().await?;
	let purpose = if rotate { Purpose::Rotate } else { Purpose::Request };
	let message = possession_message(purpose, &client.genesis().0, &owner.0, public_key);
	let message = format!("0x{}", hex::encode(message));
	let value = json!({
		"message": message, "public_key": public_key_text(public_key), "owner": owner.to_string(), "rotate": rotate,
	});
	output.print(&value, |_| message.clone())
}

async fn send(sender: &Sender, id: KeyId, call: &Call, done: &str, output: &Output) -> Result<()> {
	let (signer, client) = sender.connect().await?;
	finish(&client, id, call, done, &signer, output).await
}

async fn finish(client: &Client, id: KeyId, call: &Call, done: &str, signer: &Keypair, output: &Output) -> Result<()> {
	let (block, _) = client.execute(call, signer).await?;
	let by = account_of(signer).to_string();
	output.print(&json!({ "block": block.number, "key": id, "by": by, "done": done }), |_| {
		format!("block {}: key {id} {done}", block.number)
	})
}

/// The key, if there is still something to revoke: else a proof would cost its fee for nothing.
async fn active_key(client: &Client, id: KeyId) -> Result<IdentityKey> {
	let key = client.at(client.finalized().await?.hash).identity_key(id).await?;
	let key =
		key.with_context(|| format!("no key {id} was issued: `encrytrust identity status` lists an account's"))?;
	match key.status {
		KeyStatus::Active => Ok(key),
		KeyStatus::Revoked => bail!("key {id} was revoked already"),
		KeyStatus::Rotated { to } => bail!("key {id} was rotated already: key {to} is in its place"),
	}
}

impl Sender {
	async fn connect(&self) -> Result<(Keypair, Client)> {
		Ok((self.signer.keypair()?, self.chain.connect().await?))
	}
}

async fn status(who: &AccountId, chain: &Chain, output: &Output) -> Result<()> {
	let client = chain.connect().await?;
	let block = client.finalized().await?;
	let api = client.at(block.hash);
	let standing = api.standing(who).await?;
	let requested = match standing.requested {
		Some(id) => api.identity_request(id).await?.map(|request| (id, request)),
		None => None,
	};
	let mut keys = Vec::new();
	for (id, key) in api.identity_keys_of(who, None, SHOWN).await? {
		keys.push((id, key, api.identity_history(id).await?));
	}
	let value = json!({
		"block": block.number, "account": who.to_string(), "active": standing.active, "can_participate": standing.can_participate,
		"request": requested.as_ref().map(|(id, request)| request_value(*id, request)),
		"keys": keys.iter().map(|(id, key, history)| key_value(*id, key, history)).collect::<Vec<_>>(),
	});
	output.print(&value, |_| status_text(who, &standing, requested.as_ref(), &keys))
}

fn number(event: &Event, field: &str) -> Result<u64> {
	let number = event.number(field).and_then(|number| u64::try_from(number).ok());
	number.with_context(|| format!("the chain's event has no {field}"))
}
