//! Answers, recovery codes and keys, from files or a terminal, and what is made of them.

use super::{
	arguments::{Known, NewKey},
	key_text::signature,
};
use crate::cli::common::{ask, Output};
use anyhow::{bail, Context, Result};
use encrytrust_chain_client::{account_of, is_signed_by_key, sign_by_key, AccountId, Client, IdentityKey, Keypair};
use encrytrust_circuits::{prove, Answer, ProvingKey, RecoveryCode, Secret, Statement};
use encrytrust_job_client::{files::write_private, paths::shown};
use encrytrust_terminal::output::remark;
use encrytrust_types::identity::{
	context, possession_message, Action, KdfParams, KeyId, KeySignature, KeyTerms, Purpose, Salt,
};
use encrytrust_worker::config::Secret as SecretFile;
use indicatif::ProgressBar;
use std::{fs, io::IsTerminal, path::PathBuf, time::Duration};
use zeroize::Zeroizing;

impl NewKey {
	fn kdf(&self) -> KdfParams {
		KdfParams { memory_kib: self.memory.saturating_mul(1024), passes: self.passes, lanes: self.lanes }
	}

	/// What would be found out only after questions, or after a fee.
	pub(super) fn check(&self) -> Result<()> {
		self.kdf().check()?;
		if let Some(path) = self.new_code_file.as_ref().filter(|path| path.exists()) {
			bail!("{} is there already: recovery codes are never overwritten, choose another name", shown(path));
		}
		Ok(())
	}

	/// The key's signature that it is its owner's, made here or elsewhere.
	pub(super) fn possession(&self, purpose: Purpose, client: &Client, owner: &AccountId) -> Result<KeySignature> {
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
	pub(super) async fn terms(&self, answer: Answer, output: &Output) -> Result<KeyTerms> {
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
pub(super) fn new_answer(file: Option<&PathBuf>) -> Result<Answer> {
	let answer = read_answer(file, "Answer to your security question: ")?;
	if file.is_none() && read_answer(None, "Again: ")? != answer {
		bail!("the two answers differ: nothing was sent");
	}
	Ok(answer)
}

/// What a proof is about, but for its submitter.
pub(super) struct Proven<'a> {
	pub(super) id: KeyId,
	pub(super) key: &'a IdentityKey,
	pub(super) action: Action<'a>,
}

impl Known {
	/// The secret behind a key, if answer and code are those of its commitment.
	pub(super) async fn secret(&self, terms: &KeyTerms, output: &Output) -> Result<(Secret, Answer)> {
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
	pub(super) async fn prove(
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

#[cfg(test)]
mod tests {
	use super::*;
	use encrytrust_types::identity::PublicKey;

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
}
