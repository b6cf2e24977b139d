//! `encrytrust identity`.

use super::common::{account, ask, table, Chain, Output, Signer};
use anyhow::{bail, Context, Result};
use encrytrust_chain_client::{
	account_of, is_signed_by_key, sign_by_key, AccountId, Call, Client, Event, IdentityKey, IdentityKeyEvent,
	IdentityKeyRequest, Keypair,
};
use encrytrust_circuits::{prove, Answer, ProvingKey, RecoveryCode, Secret, Statement};
use encrytrust_job_client::{files::write_private, paths::shown};
use encrytrust_terminal::output::remark;
use encrytrust_types::identity::{
	context, possession_message, Action, KdfParams, KeyChange, KeyId, KeySignature, KeyStatus, KeyTerms, PublicKey,
	Purpose, Salt, Standing,
};
use encrytrust_worker::config::Secret as SecretFile;
use indicatif::ProgressBar;
use serde_json::{json, Value};
use std::{fs, io::IsTerminal, path::PathBuf, time::Duration};
use zeroize::Zeroizing;

/// How many keys `status` tells.
const SHOWN: u32 = 16;

/// Commands about identity keys.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
	/// Asks an authentication node to issue a key. What revokes it later is an answer only you know, and a recovery code
	/// of twelve words that is made now.
	#[command(after_help = "\
Examples:
  encrytrust identity request --public-key ed25519:0x… --key-file key.secret --node 5Ferdie… --suri-file account.secret
  encrytrust identity request --public-key ecdsa:0x… --possession 0x… --node 5Ferdie… --answer-file answer.txt --new-code-file code.txt --suri-file account.secret

The answer is the same however it is typed: case, spaces around it and the forms of letters do not matter. Write the twelve
words down and keep them away from this machine: without them the answer revokes nothing.")]
	Request {
		#[command(flatten)]
		key: NewKey,
		/// The authentication node that is asked.
		#[arg(long, value_name = "ACCOUNT", value_parser = account)]
		node: AccountId,
		/// File with the answer; it is asked for if left out.
		#[arg(long, value_name = "FILE")]
		answer_file: Option<PathBuf>,
		#[command(flatten)]
		sender: Sender,
	},
	/// Issues a key, once its owner is known to be who they say. For authentication nodes.
	#[command(after_help = "Example:\n  encrytrust identity issue 3 --suri-file node.secret")]
	Issue {
		/// The key's id.
		id: KeyId,
		#[command(flatten)]
		sender: Sender,
	},
	/// Refuses to issue a key; its owner gets the deposit back. For authentication nodes.
	#[command(after_help = "Example:\n  encrytrust identity refuse 3 --suri-file node.secret")]
	Refuse {
		/// The key's id.
		id: KeyId,
		#[command(flatten)]
		sender: Sender,
	},
	/// Removes a request that was not issued in time; its owner gets the deposit back. Anybody can.
	#[command(after_help = "Example:\n  encrytrust identity expire 3 --suri-file account.secret")]
	Expire {
		/// The key's id.
		id: KeyId,
		#[command(flatten)]
		sender: Sender,
	},
	/// Revokes a key, from any account, with a proof of knowing its answer and code that tells neither.
	#[command(after_help = "\
Examples:
  encrytrust identity revoke 3 --suri-file any.secret
  encrytrust identity revoke 3 --answer-file answer.txt --code-file code.txt --suri-file any.secret --json

A wrong answer or code is found here, before anything is sent or paid for.")]
	Revoke {
		/// The key's id.
		id: KeyId,
		#[command(flatten)]
		known: Known,
		#[command(flatten)]
		sender: Sender,
	},
	/// Puts another key into a key's place, with the same proof. The answer stays, the recovery code is a new one.
	#[command(after_help = "\
Examples:
  encrytrust identity rotate 3 --public-key sr25519:0x… --key-file key.secret --suri-file any.secret
  encrytrust identity rotate 3 --public-key sr25519:0x… --key-file key.secret --answer-file answer.txt --code-file old.txt --new-code-file new.txt --suri-file any.secret

The new key belongs to the account that the old one belonged to. Its deposit is held from the account that signs.")]
	Rotate {
		/// The key's id.
		id: KeyId,
		#[command(flatten)]
		known: Known,
		#[command(flatten)]
		key: NewKey,
		#[command(flatten)]
		sender: Sender,
	},
	/// Prints what a new key signs to be registered, for `--possession`: for a key whose secret is elsewhere.
	#[command(after_help = "\
Examples:
  encrytrust identity message --public-key ed25519:0x… --owner 5Bob…
  encrytrust identity message --public-key ed25519:0x… --owner 5Bob… --rotate

The message is 64 bytes, printed in hexadecimal; the key signs the bytes, not their digits.")]
	Message {
		/// The new key: sr25519:, ed25519: or ecdsa:, then 0x and its bytes in hexadecimal.
		#[arg(long, value_name = "TYPE:HEX", value_parser = public_key)]
		public_key: PublicKey,
		/// The account that requests the key, or whose key is rotated to it.
		#[arg(long, value_name = "ACCOUNT", value_parser = account)]
		owner: AccountId,
		/// The new key takes another's place.
		#[arg(long)]
		rotate: bool,
		#[command(flatten)]
		chain: Chain,
	},
	/// What keys an account has and had, and what became of them.
	#[command(after_help = "Example:\n  encrytrust identity status //Bob")]
	Status {
		/// Whose.
		#[arg(value_name = "ACCOUNT", value_parser = account)]
		who: AccountId,
		#[command(flatten)]
		chain: Chain,
	},
}

/// Who signs, and where to.
#[derive(Debug, clap::Args)]
pub(super) struct Sender {
	#[command(flatten)]
	signer: Signer,
	#[command(flatten)]
	chain: Chain,
}

/// A key to come, and how its secret is derived.
#[derive(Debug, clap::Args)]
pub(super) struct NewKey {
	/// The key: sr25519:, ed25519: or ecdsa:, then 0x and its bytes in hexadecimal.
	#[arg(long, value_name = "TYPE:HEX", value_parser = public_key)]
	public_key: PublicKey,
	/// File with the key's secret, which signs that it is yours: twelve words, 0x and 64 hexadecimal digits, or //NAME;
	/// of an ed25519 key, 0x and the 64 digits of its seed.
	#[arg(long, value_name = "FILE", required_unless_present = "possession", conflicts_with = "possession")]
	key_file: Option<PathBuf>,
	/// The key's signature, in hexadecimal, over what `encrytrust identity message` prints: for a key whose secret is
	/// elsewhere.
	#[arg(long, value_name = "HEX")]
	possession: Option<String>,
	/// New file for the new recovery code; else it is shown in the terminal, and asked for again.
	#[arg(long, value_name = "FILE")]
	new_code_file: Option<PathBuf>,
	/// No recovery code: the answer alone revokes the key. Whoever guesses it can, and can try for ever unseen.
	#[arg(long, conflicts_with = "new_code_file")]
	answer_only: bool,
	/// Memory that deriving the secret takes, in MiB: 16 to 256.
	#[arg(long, value_name = "MIB", default_value_t = 64)]
	memory: u32,
	/// Passes over that memory: 1 to 8.
	#[arg(long, default_value_t = 3)]
	passes: u32,
	/// Lanes of that memory: 1 to 4.
	#[arg(long, default_value_t = 1)]
	lanes: u32,
}

/// What the owner of a key knows, and what proving it takes.
#[derive(Debug, clap::Args)]
pub(super) struct Known {
	/// File with the answer; it is asked for if left out.
	#[arg(long, value_name = "FILE")]
	answer_file: Option<PathBuf>,
	/// File with the recovery code; it is asked for if left out.
	#[arg(long, value_name = "FILE")]
	code_file: Option<PathBuf>,
	/// The key was asked for with --answer-only: there is no recovery code.
	#[arg(long, conflicts_with = "code_file")]
	no_code: bool,
	/// The ceremony's proving key (proving_key.bin); development chains need none.
	#[arg(long, value_name = "FILE")]
	proving_key: Option<PathBuf>,
}

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

impl NewKey {
	fn kdf(&self) -> KdfParams {
		KdfParams { memory_kib: self.memory.saturating_mul(1024), passes: self.passes, lanes: self.lanes }
	}

	/// What would be found out only after questions, or after a fee.
	fn check(&self) -> Result<()> {
		self.kdf().check()?;
		if let Some(path) = self.new_code_file.as_ref().filter(|path| path.exists()) {
			bail!("{} is there already: recovery codes are never overwritten, choose another name", shown(path));
		}
		Ok(())
	}

	/// The key's signature that it is its owner's, made here or elsewhere.
	fn possession(&self, purpose: Purpose, client: &Client, owner: &AccountId) -> Result<KeySignature> {
		self.signature(&possession_message(purpose, &client.genesis().0, &owner.0, &self.public_key))
	}

	fn signature(&self, message: &[u8]) -> Result<KeySignature> {
		if let Some(text) = &self.possession {
			let signature = signature(&self.public_key, text)?;
			if !is_signed_by_key(&self.public_key, &signature, message) {
				bail!(
					"the signature of --possession is not by this key over 0x{}: see `encrytrust identity message`. \
					 Nothing was sent",
					hex::encode(message)
				);
			}
			return Ok(signature);
		}
		let path = self.key_file.as_ref().context("who signs for the new key? Give --key-file FILE")?;
		let secret = SecretFile::File(path.clone().into()).read("identity key's secret")?;
		sign_by_key(&self.public_key, &secret, message).with_context(|| shown(path))
	}

	/// A new salt, a new recovery code, and the commitment to them and the answer. The commitment is computed from the code
	/// as it was written down.
	async fn terms(&self, answer: Answer, output: &Output) -> Result<KeyTerms> {
		let code = self.new_code()?;
		let mut salt = Salt::default();
		getrandom::fill(&mut salt).map_err(|error| anyhow::anyhow!("no random bytes: {error}"))?;
		let public_key = self.public_key;
		let kdf = self.kdf();
		let derive = move || Secret::derive(&answer, code.as_ref(), &salt, &kdf);
		let secret = blocking("deriving the secret", output, derive).await??;
		let commitment = secret.commitment(&public_key.fingerprint())?;
		Ok(KeyTerms { public_key, commitment, salt, kdf })
	}

	/// A new recovery code, in its owner's hands before anything is sent.
	fn new_code(&self) -> Result<Option<RecoveryCode>> {
		if self.answer_only {
			remark(
				"warning: without a recovery code, whoever guesses the answer can revoke this key, and can try for ever \
				 without being seen. Names, dates and places are guessed within hours",
			);
			return Ok(None);
		}
		let code = RecoveryCode::generate();
		let Some(path) = &self.new_code_file else { return written_down(&code).map(Some) };
		let line = Zeroizing::new(format!("{}\n", *code.words()));
		write_private(path, line.as_bytes()).with_context(|| format!("cannot write {}", shown(path)))?;
		read_code(Some(path)).map(Some)
	}
}

/// Shows a code, and has it typed from the paper that it was written on.
fn written_down(code: &RecoveryCode) -> Result<RecoveryCode> {
	if !std::io::stderr().is_terminal() {
		bail!("where should the recovery code go? Give --new-code-file FILE, or run this in a terminal");
	}
	remark(format_args!(
		"Write these twelve words down. They are shown once, and needed to revoke the key:\n\n  {}\n",
		*code.words()
	));
	let typed = read_code(None)?;
	if typed != *code {
		bail!("these are other words: nothing was sent, start again");
	}
	Ok(typed)
}

fn read_code(file: Option<&PathBuf>) -> Result<RecoveryCode> {
	let words = ask(file, "recovery code", "Recovery code (twelve words): ", "--code-file")?;
	Ok(RecoveryCode::parse(&words)?)
}

fn read_answer(file: Option<&PathBuf>, prompt: &str) -> Result<Answer> {
	Ok(Answer::new(&ask(file, "answer", prompt, "--answer-file")?)?)
}

/// Typed blind, an answer is asked for twice.
fn new_answer(file: Option<&PathBuf>) -> Result<Answer> {
	let answer = read_answer(file, "Answer to your security question: ")?;
	if file.is_none() && read_answer(None, "Again: ")? != answer {
		bail!("the two answers differ: nothing was sent");
	}
	Ok(answer)
}

/// What a proof is about, but for its submitter.
struct Proven<'a> {
	id: KeyId,
	key: &'a IdentityKey,
	action: Action<'a>,
}

impl Known {
	/// The secret behind a key, if answer and code are those of its commitment.
	async fn secret(&self, terms: &KeyTerms, output: &Output) -> Result<(Secret, Answer)> {
		let answer = read_answer(self.answer_file.as_ref(), "Answer to your security question: ")?;
		let code = if self.no_code { None } else { Some(read_code(self.code_file.as_ref())?) };
		let salt = terms.salt;
		let kdf = terms.kdf;
		let typed = answer.clone();
		let derive = move || Secret::derive(&typed, code.as_ref(), &salt, &kdf);
		let secret = blocking("deriving the secret", output, derive).await??;
		if secret.commitment(&terms.public_key.fingerprint())? != terms.commitment {
			bail!("wrong answer or recovery code: it does not belong to this key. Nothing was sent");
		}
		Ok((secret, answer))
	}

	/// A proof that is the signer's alone to use.
	async fn prove(
		&self,
		client: &Client,
		proven: Proven<'_>,
		secret: Secret,
		signer: &Keypair,
		output: &Output,
	) -> Result<Vec<u8>> {
		// The newest state: nodes forget old ones, and answering questions takes a person some time.
		let verifying_key = client.at(client.finalized().await?.hash).verifying_key().await?;
		let verifying_key =
			verifying_key.context("the chain has no verifying key: the voting nodes have to set one")?;
		let Proven { id, key, action } = proven;
		let submitter = account_of(signer).0;
		let statement = Statement {
			commitment: key.terms.commitment,
			fingerprint: key.terms.public_key.fingerprint(),
			context: context(action, &client.genesis().0, id, &submitter),
		};
		let file = self.proving_key.clone();
		let work = move || -> Result<Vec<u8>> {
			let proving_key = match (&file, verifying_key.development) {
				(Some(path), _) => {
					let bytes = fs::read(path).with_context(|| format!("cannot read {}", shown(path)))?;
					ProvingKey::from_bytes(&bytes).with_context(|| shown(path))?
				},
				(None, true) => ProvingKey::dev(),
				(None, false) => bail!("proofs on this chain take the ceremony's key: give --proving-key FILE"),
			};
			if proving_key.verifying_key().encode() != verifying_key.bytes {
				bail!(
					"the proving key is not that of the chain's verifying key, version {}: get the one of its ceremony",
					verifying_key.version
				);
			}
			Ok(prove(&proving_key, &secret, &statement)?)
		};
		blocking("proving", output, work).await?
	}
}

/// Runs what computes on a thread for that, and says so in a terminal.
async fn blocking<T: Send + 'static>(
	what: &'static str,
	output: &Output,
	work: impl FnOnce() -> T + Send + 'static,
) -> Result<T> {
	// It draws nothing where standard error is no terminal.
	let bar = if output.is_json() { ProgressBar::hidden() } else { ProgressBar::new_spinner() };
	bar.set_message(what);
	bar.enable_steady_tick(Duration::from_millis(120));
	let done = tokio::task::spawn_blocking(work).await;
	bar.finish_and_clear();
	done.with_context(|| format!("{what} failed"))
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

fn status_text(
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

fn key_value(id: KeyId, key: &IdentityKey, history: &[IdentityKeyEvent]) -> Value {
	let history = history
		.iter()
		.map(|event| json!({ "block": event.at, "by": event.by.to_string(), "change": change_name(event.change) }));
	json!({
		"key": id, "status": status_name(key.status), "issuer": key.issuer.to_string(), "previous": key.previous,
		"terms": terms_value(&key.terms), "history": history.collect::<Vec<_>>(),
	})
}

fn request_value(id: KeyId, request: &IdentityKeyRequest) -> Value {
	json!({
		"key": id, "node": request.node.to_string(), "expires_at": request.expires_at,
		"terms": terms_value(&request.terms),
	})
}

fn terms_value(terms: &KeyTerms) -> Value {
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

fn number(event: &Event, field: &str) -> Result<u64> {
	let number = event.number(field).and_then(|number| u64::try_from(number).ok());
	number.with_context(|| format!("the chain's event has no {field}"))
}

/// A public key as `TYPE:HEX`.
fn public_key(text: &str) -> Result<PublicKey, String> {
	let (kind, digits) = text.split_once(':').unwrap_or_default();
	let digits = digits.strip_prefix("0x").unwrap_or(digits);
	fn bytes<const N: usize>(digits: &str) -> Result<[u8; N], String> {
		let mut bytes = [0; N];
		match hex::decode_to_slice(digits, &mut bytes) {
			Ok(()) => Ok(bytes),
			Err(_) => Err(format!("a key of this type has {N} bytes: write 0x and {} hexadecimal digits", 2 * N)),
		}
	}
	match kind {
		"sr25519" => bytes(digits).map(PublicKey::Sr25519),
		"ed25519" => bytes(digits).map(PublicKey::Ed25519),
		"ecdsa" => bytes(digits).map(PublicKey::Ecdsa),
		_ => Err(format!("'{text}' is not a public key: write sr25519:, ed25519: or ecdsa:, then 0x and its bytes")),
	}
}

/// A signature by a key of the same type, in hexadecimal.
fn signature(key: &PublicKey, text: &str) -> Result<KeySignature> {
	let digits = text.strip_prefix("0x").unwrap_or(text);
	fn bytes<const N: usize>(digits: &str) -> Result<[u8; N]> {
		let mut bytes = [0; N];
		hex::decode_to_slice(digits, &mut bytes).with_context(|| {
			format!("a signature by a key of this type has {N} bytes: write 0x and {} hexadecimal digits", 2 * N)
		})?;
		Ok(bytes)
	}
	Ok(match key {
		PublicKey::Sr25519(_) => KeySignature::Sr25519(bytes(digits)?),
		PublicKey::Ed25519(_) => KeySignature::Ed25519(bytes(digits)?),
		PublicKey::Ecdsa(_) => KeySignature::Ecdsa(bytes(digits)?),
	})
}

fn public_key_text(key: &PublicKey) -> String {
	let kind = match key {
		PublicKey::Sr25519(_) => "sr25519",
		PublicKey::Ed25519(_) => "ed25519",
		PublicKey::Ecdsa(_) => "ecdsa",
	};
	format!("{kind}:0x{}", hex::encode(key.bytes()))
}

#[cfg(test)]
mod tests {
	use super::*;

	/// The public key of the ed25519 key whose seed's bytes are all 1.
	const ED25519_OF_ONES: [u8; 32] = [
		0x8a, 0x88, 0xe3, 0xdd, 0x74, 0x09, 0xf1, 0x95, 0xfd, 0x52, 0xdb, 0x2d, 0x3c, 0xba, 0x5d, 0x72, 0xca, 0x67,
		0x09, 0xbf, 0x1d, 0x94, 0x12, 0x1b, 0xf3, 0x74, 0x88, 0x01, 0xb4, 0x0f, 0x6f, 0x5c,
	];

	fn new_key(folder: &std::path::Path) -> NewKey {
		NewKey {
			public_key: PublicKey::Ed25519(ED25519_OF_ONES),
			key_file: file(folder, "key", &format!("0x{}\n", "01".repeat(32))),
			possession: None,
			new_code_file: Some(folder.join("code")),
			answer_only: false,
			memory: 16,
			passes: 1,
			lanes: 1,
		}
	}

	fn file(folder: &std::path::Path, name: &str, text: &str) -> Option<PathBuf> {
		let path = folder.join(name);
		fs::write(&path, text).unwrap();
		Some(path)
	}

	#[test]
	fn public_keys_read_as_they_are_written() {
		for key in [PublicKey::Sr25519([1; 32]), PublicKey::Ed25519([2; 32]), PublicKey::Ecdsa([3; 33])] {
			assert_eq!(public_key(&public_key_text(&key)), Ok(key));
		}
		let short = "12".repeat(31);
		let long = "12".repeat(33);
		for (bad, said) in [
			("", "not a public key"),
			("0x12", "not a public key"),
			("rsa:0x12", "not a public key"),
			(&format!("sr25519:0x{short}"), "32 bytes"),
			(&format!("ed25519:{long}"), "32 bytes"),
			(&format!("ecdsa:0x{short}"), "33 bytes"),
			("ecdsa:0xzz", "33 bytes"),
		] {
			assert!(public_key(bad).unwrap_err().contains(said), "{bad}");
		}
	}

	#[tokio::test]
	async fn what_was_asked_for_is_what_its_owner_knows() {
		let folder = tempfile::tempdir().unwrap();
		let new = new_key(folder.path());
		let output = Output::new(true);
		new.check().unwrap();
		let terms = new.terms(Answer::new("Fluffy").unwrap(), &output).await.unwrap();
		assert!(new.check().unwrap_err().to_string().contains("never overwritten"));
		let known = |answer: &str, code_file: Option<PathBuf>| Known {
			answer_file: file(folder.path(), answer.trim(), answer),
			code_file,
			no_code: false,
			proving_key: None,
		};
		let code = || new.new_code_file.clone();
		let (secret, answer) = known(" FLUFFY\n", code()).secret(&terms, &output).await.unwrap();
		assert_eq!(secret.commitment(&terms.public_key.fingerprint()), Ok(terms.commitment));
		assert_eq!(answer.as_str(), "fluffy");

		let other = "legal winner thank year wave sausage worth useful legal winner thank yellow";
		for (case, known, said) in [
			("another answer", known("Fluffi", code()), "wrong answer or recovery code"),
			("another code", known("Fluffy", file(folder.path(), "other", other)), "wrong answer or recovery code"),
			("a mistyped code", known("Fluffy", file(folder.path(), "typo", &other[1..])), "not in the list"),
			("no code", Known { no_code: true, ..known("Fluffy", None) }, "wrong answer or recovery code"),
			(
				"no answer",
				Known { answer_file: file(folder.path(), "blank", " \n"), ..known("Fluffy", code()) },
				"is empty",
			),
			("no file", known("Fluffy", Some("/nowhere/code".into())), "/nowhere/code"),
		] {
			let error = known.secret(&terms, &output).await.unwrap_err();
			assert!(format!("{error:#}").contains(said), "{case}: {error:#}");
		}
	}

	#[test]
	fn possession_is_signed_here_or_elsewhere() {
		let folder = tempfile::tempdir().unwrap();
		let new = || new_key(folder.path());
		let here = new().signature(b"message").unwrap();
		let KeySignature::Ed25519(bytes) = here else { panic!("an ed25519 signature") };
		let possession = |text: String| NewKey { possession: Some(text), key_file: None, ..new() };
		let digits = hex::encode(bytes);
		assert_eq!(possession(format!("0x{digits}")).signature(b"message").unwrap(), here);
		let other_key = file(folder.path(), "other-key", &format!("0x{}", "02".repeat(32)));
		for (case, key, said) in [
			("another message's", possession(hex::encode([1; 64])), "Nothing was sent"),
			("too short", possession(digits[2..].into()), "64 bytes"),
			("no digits", possession("0xzz".into()), "64 bytes"),
			("another key's secret", NewKey { key_file: other_key, ..new() }, "another key"),
			(
				"a phrase",
				NewKey { key_file: file(folder.path(), "phrase", "//Alice"), ..new() },
				"0x and the 64 digits",
			),
			("no file", NewKey { key_file: Some("/nowhere/key".into()), ..new() }, "/nowhere/key"),
			("nothing", NewKey { key_file: None, ..new() }, "--key-file"),
		] {
			let error = format!("{:#}", key.signature(b"message").unwrap_err());
			assert!(error.contains(said), "{case}: {error}");
		}
	}

	#[test]
	fn parameters_are_refused_before_any_question() {
		let folder = tempfile::tempdir().unwrap();
		let new = || new_key(folder.path());
		for (bad, said) in [
			(NewKey { memory: 15, ..new() }, "memory"),
			(NewKey { memory: 100 << 10, ..new() }, "memory"),
			(NewKey { memory: u32::MAX, ..new() }, "memory"),
			(NewKey { passes: 0, ..new() }, "passes"),
			(NewKey { passes: 300, ..new() }, "passes"),
			(NewKey { lanes: 5, ..new() }, "lanes"),
		] {
			assert!(bad.check().unwrap_err().to_string().contains(said), "{said}");
		}
	}

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
