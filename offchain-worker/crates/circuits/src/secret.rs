//! From what a person remembers to the scalar that the circuit takes.

use crate::{
	poseidon,
	unicode::{is_assigned, is_white_space},
};
use argon2::{Algorithm, Argon2, Params, Version};
use ark_bn254::Fr;
use ark_ff::PrimeField;
use bip39::{Language, Mnemonic};
use caseless::Caseless;
use encrytrust_groth16::{
	decode_scalar, encode_scalar,
	identity::{KdfParams, KdfParamsError, Salt},
	Error as EncodingError, SCALAR_LEN,
};
use std::fmt;
use unicode_normalization::UnicodeNormalization;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Bytes of a recovery code's entropy: twelve words.
const ENTROPY_LEN: usize = 16;
const WORDS: usize = 12;

/// Why there is no secret.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SecretError {
	/// Nothing is left of the answer after normalisation.
	#[error("the answer is empty: type at least one visible character")]
	EmptyAnswer,
	/// The character at this place, counted from one, is not assigned in Unicode 16.0.
	#[error("character {0} of the answer is not in Unicode 16.0, and a later version could change it: type the answer without it")]
	UnassignedCharacter(usize),
	/// Not twelve words.
	#[error("a recovery code has twelve words, this has {0}")]
	WordCount(usize),
	/// A word that is not in the list.
	#[error("word {0} of the recovery code is not in the list: check its spelling")]
	UnknownWord(usize),
	/// The words' checksum is wrong.
	#[error("the recovery code's checksum is wrong: a word is mistyped, missing or out of place")]
	Checksum,
	/// Parameters that are not accepted.
	#[error(transparent)]
	Params(#[from] KdfParamsError),
	/// There is no memory for the derivation, or Argon2 refuses its parameters.
	#[error("the secret can't be derived: {0}")]
	Derivation(argon2::Error),
}

/// The answer to a security question, normalised: typed differently, it is still the same answer.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Answer(String);

impl Answer {
	/// An answer as it was typed. It is case-folded and brought into compatibility form (Unicode 3.13, definition D146, then
	/// NFKC), and the white space around it is dropped, all by Unicode 16.0.
	///
	/// # Errors
	///
	/// [`SecretError::UnassignedCharacter`], and [`SecretError::EmptyAnswer`] where nothing is left.
	pub fn new(typed: &str) -> Result<Self, SecretError> {
		if let Some(index) = typed.chars().position(|character| !is_assigned(character)) {
			return Err(SecretError::UnassignedCharacter(index + 1));
		}
		let folded = normalise(typed);
		match folded.trim_matches(is_white_space) {
			"" => Err(SecretError::EmptyAnswer),
			answer => Ok(Self(answer.to_owned())),
		}
	}

	/// The normalised answer.
	pub fn as_str(&self) -> &str {
		&self.0
	}
}

/// By whichever later version the crates have tables: they do not differ for what is assigned in [`crate::unicode`]'s.
fn normalise(text: &str) -> Zeroizing<String> {
	Zeroizing::new(text.nfd().default_case_fold().nfkd().default_case_fold().nfkc().collect())
}

/// Twelve words of BIP-39's English list: 128 random bits, and 4 bits of checksum.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct RecoveryCode([u8; ENTROPY_LEN]);

impl RecoveryCode {
	/// A code from the system's generator.
	///
	/// # Panics
	///
	/// Where the system has no random numbers.
	pub fn generate() -> Self {
		let mut entropy = [0; ENTROPY_LEN];
		getrandom::fill(&mut entropy).expect("the system has random numbers");
		Self(entropy)
	}

	/// A code from its words, whatever their case and the space between them.
	///
	/// # Errors
	///
	/// [`SecretError::WordCount`], [`SecretError::UnknownWord`] or [`SecretError::Checksum`].
	pub fn parse(words: &str) -> Result<Self, SecretError> {
		let words: Zeroizing<Vec<String>> = Zeroizing::new(words.split_whitespace().map(str::to_lowercase).collect());
		if words.len() != WORDS {
			return Err(SecretError::WordCount(words.len()));
		}
		let phrase = Zeroizing::new(words.join(" "));
		let mnemonic = Mnemonic::parse_in_normalized(Language::English, &phrase).map_err(|error| match error {
			bip39::Error::UnknownWord(index) => SecretError::UnknownWord(index + 1),
			_ => SecretError::Checksum,
		})?;
		let (mut bytes, _) = mnemonic.to_entropy_array();
		let mut entropy = [0; ENTROPY_LEN];
		entropy.copy_from_slice(&bytes[..ENTROPY_LEN]);
		bytes.zeroize();
		Ok(Self(entropy))
	}

	/// The words, in lower case, one space between them.
	pub fn words(&self) -> Zeroizing<String> {
		let mnemonic = Mnemonic::from_entropy(&self.0).expect("twelve words take 16 bytes");
		Zeroizing::new(mnemonic.words().collect::<Vec<_>>().join(" "))
	}
}

/// The secret behind a key's commitment.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Secret(Fr);

impl Secret {
	/// `Argon2id(answer || recovery code, salt)`, 64 bytes, read as a big-endian number modulo `r`.
	///
	/// # Errors
	///
	/// [`SecretError::Params`] for parameters outside the accepted ranges, [`SecretError::Derivation`] without memory.
	pub fn derive(
		answer: &Answer,
		code: Option<&RecoveryCode>,
		salt: &Salt,
		params: &KdfParams,
	) -> Result<Self, SecretError> {
		params.check()?;
		let entropy = code.map_or(&[][..], |code| &code.0);
		let password = Zeroizing::new([answer.0.as_bytes(), entropy].concat());
		let mut hash = Zeroizing::new([0; 64]);
		let params = Params::new(params.memory_kib, params.passes, params.lanes, Some(hash.len()))
			.map_err(SecretError::Derivation)?;
		Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
			.hash_password_into(&password, salt, hash.as_mut())
			.map_err(SecretError::Derivation)?;
		Ok(Self(Fr::from_be_bytes_mod_order(hash.as_ref())))
	}

	/// The commitment `Poseidon(a, key_fp)` to this secret and to the key with this fingerprint.
	///
	/// # Errors
	///
	/// [`EncodingError::ScalarNotCanonical`] for a fingerprint that is no scalar.
	pub fn commitment(&self, fingerprint: &[u8; SCALAR_LEN]) -> Result<[u8; SCALAR_LEN], EncodingError> {
		Ok(encode_scalar(&poseidon([self.0, decode_scalar(fingerprint)?])))
	}

	pub(crate) fn scalar(&self) -> Fr {
		self.0
	}
}

/// Hides what it holds.
macro_rules! hide_in_debug {
	($($name:ident)*) => {$(
		impl fmt::Debug for $name {
			fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
				f.write_str(concat!(stringify!($name), "(hidden)"))
			}
		}
	)*};
}
hide_in_debug!(Answer RecoveryCode Secret);

#[cfg(test)]
mod tests {
	use super::*;
	use crate::unicode::{UNASSIGNED, VERSION};
	use blake2::{digest::consts::U32, Blake2b, Digest};
	use proptest::prelude::*;

	const FAST: KdfParams = KdfParams { memory_kib: 16_384, passes: 1, lanes: 1 };

	fn normalised(typed: &str) -> Result<String, SecretError> {
		Answer::new(typed).map(|answer| answer.0.clone())
	}

	#[test]
	fn normalise_ignores_case_blanks_and_composition() {
		for (typed, expected) in [
			("Fluffy", "fluffy"),
			("  Fluffy\t\n", "fluffy"),
			("Straße", "strasse"),
			("STRASSE", "strasse"),
			("ΣΊΣΥΦΟΣ", "σίσυφοσ"),
			("Σίσυφος", "σίσυφοσ"),
			("Zoe\u{308}", "zoë"),
			("Zo\u{eb}", "zoë"),
			("\u{ff26}\u{ff29}\u{ff2d}", "fim"),
			("\u{fb01}sh", "fish"),
			("two\u{a0}words", "two words"),
			("\u{3000}東京\u{3000}", "東京"),
			("two  words", "two  words"),
		] {
			assert_eq!(normalised(typed).as_deref(), Ok(expected), "{typed:?}");
		}
	}

	#[test]
	fn normalise_fails_for_empty_answers() {
		for typed in ["", " ", "\t\r\n", "\u{a0}", "\u{3000}", "\u{2003}\u{2028}"] {
			assert_eq!(normalised(typed), Err(SecretError::EmptyAnswer), "{typed:?}");
		}
	}

	#[test]
	fn normalise_fails_for_characters_unassigned_in_unicode_16() {
		for (typed, expected) in [
			// Assigned in 16.0.
			("\u{1c89}", Ok("\u{1c8a}")),
			("\u{a7dc}", Ok("\u{19b}")),
			("\u{10d50}", Ok("\u{10d70}")),
			// Private use.
			("\u{e000}", Ok("\u{e000}")),
			// Assigned in 17.0 and 18.0.
			("\u{1ace}", Ok("\u{1ace}")),
			("\u{1acf}", Err(SecretError::UnassignedCharacter(1))),
			("Fluffy \u{a7ce}", Err(SecretError::UnassignedCharacter(8))),
			("\u{16ea0}", Err(SecretError::UnassignedCharacter(1))),
			// Nowhere assigned.
			("é\u{378}", Err(SecretError::UnassignedCharacter(2))),
			("\u{fffe}", Err(SecretError::UnassignedCharacter(1))),
			("\u{10ffff}", Err(SecretError::UnassignedCharacter(1))),
		] {
			assert_eq!(normalised(typed), expected.map(str::to_owned), "{typed:?}");
		}
	}

	/// An update of a crate that changes the normal form of any character locks people out.
	#[test]
	fn normal_forms_of_unicode_16_are_known() {
		let mut hasher = Blake2b::<U32>::new();
		let mut count = 0;
		for character in (0..=u32::from(char::MAX)).filter_map(char::from_u32).filter(|c| is_assigned(*c)) {
			let form = normalise(character.encode_utf8(&mut [0; 4]));
			hasher.update(u32::from(character).to_le_bytes());
			hasher.update((form.len() as u32).to_le_bytes());
			hasher.update(form.as_bytes());
			count += 1;
		}
		assert_eq!(count, 292_531);
		let known = &vectors()["unicode"];
		assert_eq!(known["version"], VERSION);
		assert_eq!(known["unassigned"], serde_json::json!(UNASSIGNED));
		assert_eq!(known["normal_forms"], hex::encode(hasher.finalize()));
	}

	#[test]
	fn normalise_matches_vectors() {
		for case in vectors()["unicode"]["answers"].as_array().unwrap() {
			let expected = match case["unassigned"].as_u64() {
				Some(place) => Err(SecretError::UnassignedCharacter(place as usize)),
				None => Ok(case["normalised"].as_str().unwrap().to_owned()),
			};
			assert_eq!(normalised(case["answer"].as_str().unwrap()), expected, "{case}");
		}
	}

	fn vectors() -> serde_json::Value {
		serde_json::from_str(include_str!("../../../../tests/fixtures/vectors/identity.json")).unwrap()
	}

	proptest! {
		#[test]
		fn normalise_is_idempotent(typed: String) {
			if let Ok(once) = normalised(&typed) {
				prop_assert_eq!(normalised(&once), Ok(once.clone()));
			}
		}

		#[test]
		fn recovery_code_round_trips(entropy: [u8; 16]) {
			let code = RecoveryCode(entropy);
			prop_assert_eq!(RecoveryCode::parse(&code.words().to_uppercase().replace(' ', "\n ")), Ok(code));
		}
	}

	#[test]
	fn recovery_code_fails_for_mistyped_words() {
		const GOOD: &str = "legal winner thank year wave sausage worth useful legal winner thank yellow";
		assert_eq!(RecoveryCode::parse(GOOD), Ok(RecoveryCode([0x7f; 16])));
		for (words, expected) in [
			("", SecretError::WordCount(0)),
			("legal winner thank year wave sausage worth useful legal winner thank", SecretError::WordCount(11)),
			(&format!("{GOOD} yellow"), SecretError::WordCount(13)),
			(&GOOD.replace("year", "yeer"), SecretError::UnknownWord(4)),
			(&GOOD.replace("yellow", "year"), SecretError::Checksum),
			(&GOOD.replace("wave sausage", "sausage wave"), SecretError::Checksum),
		] {
			assert_eq!(RecoveryCode::parse(words), Err(expected), "{words}");
		}
	}

	#[test]
	fn secret_depends_on_every_input() {
		let answer = Answer::new("Fluffy").unwrap();
		let code = RecoveryCode([0x7f; 16]);
		let secrets = [
			Secret::derive(&answer, Some(&code), &[1; 16], &FAST),
			Secret::derive(&answer, None, &[1; 16], &FAST),
			Secret::derive(&answer, Some(&RecoveryCode([0x80; 16])), &[1; 16], &FAST),
			Secret::derive(&Answer::new("Fluffi").unwrap(), Some(&code), &[1; 16], &FAST),
			Secret::derive(&answer, Some(&code), &[2; 16], &FAST),
			Secret::derive(&answer, Some(&code), &[1; 16], &KdfParams { passes: 2, ..FAST }),
			Secret::derive(&answer, Some(&code), &[1; 16], &KdfParams { lanes: 2, ..FAST }),
		];
		for (i, secret) in secrets.iter().enumerate() {
			assert!(secret.is_ok());
			assert!(!secrets.iter().take(i).any(|other| other == secret), "{i}");
		}
		assert_eq!(secrets[0], Secret::derive(&Answer::new(" FLUFFY ").unwrap(), Some(&code), &[1; 16], &FAST));
	}

	#[test]
	fn derive_fails_for_parameters_out_of_range() {
		let answer = Answer::new("Fluffy").unwrap();
		let huge = KdfParams { memory_kib: u32::MAX, passes: u32::MAX, lanes: 1 };
		let refused = Secret::derive(&answer, None, &[1; 16], &huge);
		assert_eq!(refused, Err(SecretError::Params(KdfParamsError::Memory)));
	}

	#[test]
	fn debug_shows_no_secret() {
		let answer = Answer::new("Fluffy").unwrap();
		let code = RecoveryCode([0x7f; 16]);
		let secret = Secret::derive(&answer, Some(&code), &[1; 16], &FAST).unwrap();
		assert_eq!(format!("{answer:?} {code:?} {secret:?}"), "Answer(hidden) RecoveryCode(hidden) Secret(hidden)");
	}
}
