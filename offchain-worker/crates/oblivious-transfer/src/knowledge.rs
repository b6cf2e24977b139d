//! That a data provider knows the number that it transfers.
//!
//! Whoever opens a transfer in public decrypts it for everybody. Were that allowed for numbers that their sender does
//! not know, it could send a product of selectors and have the selection read out to it. The proof is that of a
//! preimage of the homomorphism `(kappa, rho) -> X^kappa rho^N` (Guillou, Quisquater, CRYPTO 1988; Maurer, AFRICACRYPT
//! 2009).

use crate::{
	encoding::MessageError,
	selection::{number, Context},
};
use encrytrust_fault_proofs::{
	big_integers::Native,
	ring::Ring,
	transfer_proof::{self, TransferProof},
};
use encrytrust_paillier::{transcript::Transcript, Ciphertext, Knowledge, Plaintext, PublicKey};

/// Which transfer of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'a> {
	/// The job, the coordinator, and the computing provider that gets it.
	pub context: &'a Context,
	/// The account of the data provider.
	pub from: &'a [u8; 32],
	/// The part of its data.
	pub part: u32,
	/// The column.
	pub column: usize,
}

/// The encrypted number that a column's key is derived from, or 0 where the column is not chosen, with the proof that
/// its sender knows the number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
	/// `Z`.
	pub ciphertext: Ciphertext,
	/// The proof.
	pub proof: TransferProof,
}

/// A transfer whose sender has proven that it knows the number: the only ones that a computing provider opens in
/// public.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedTransfer {
	pub(crate) selector: Ciphertext,
	pub(crate) ciphertext: Ciphertext,
}

/// Why a transfer must not be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KnowledgeError {
	/// The proof does not hold.
	#[error(
		"the data provider does not prove that it knows what it transfers: report its entry, and open nothing of it"
	)]
	Unproven,
}

impl Place<'_> {
	fn transcript(&self) -> Transcript {
		let transcript = self.context.transcript(transfer_proof::LABEL).with(self.from).with(number(self.column));
		transcript.with(self.part.to_le_bytes())
	}
}

impl Transfer {
	/// Bytes of a transfer and its proof.
	pub const fn bytes(modulus: usize) -> usize {
		6 * modulus
	}

	/// The transfer, the commitment, and both responses.
	pub fn to_bytes(&self) -> Vec<u8> {
		let TransferProof { commitment, kappa_response, rho_response } = &self.proof;
		[&self.ciphertext.to_bytes(), &commitment[..], kappa_response, rho_response].concat()
	}

	/// Reads a transfer.
	///
	/// # Errors
	///
	/// Another length than [`Self::bytes`], and numbers out of their range.
	pub fn from_bytes(key: &PublicKey, bytes: &[u8]) -> Result<Self, MessageError> {
		let half = key.size().bytes();
		let expected = Self::bytes(half);
		if bytes.len() != expected {
			return Err(MessageError::Length { bytes: bytes.len(), expected });
		}
		let (transfer, proof) = bytes.split_at(2 * half);
		let (commitment, responses) = proof.split_at(2 * half);
		let (kappa_response, rho_response) = responses.split_at(half);
		Self::read(key, transfer, fitting(commitment, kappa_response, rho_response))
	}

	/// Reads a transfer whose proof was read already.
	///
	/// # Errors
	///
	/// Numbers out of their range.
	pub fn read(key: &PublicKey, transfer: &[u8], proof: TransferProof) -> Result<Self, MessageError> {
		let ciphertext =
			|index, bytes| key.ciphertext(bytes).map_err(|error| MessageError::Ciphertext { index, error });
		let transfer = ciphertext(0, transfer)?;
		ciphertext(1, &proof.commitment)?;
		if !proof.is_well_formed(&ring(key)) {
			return Err(MessageError::OutOfRange { field: "a response" });
		}
		Ok(Self { ciphertext: transfer, proof })
	}

	/// Verifies that the sender knows what it transfers by a selector: two exponentiations in one.
	///
	/// That the key is proven ([`ProvenKey`](encrytrust_paillier::key_proof::ProvenKey)) is what makes the proof sound.
	///
	/// # Errors
	///
	/// A proof that does not hold, or belongs to another place.
	pub fn verify(
		&self,
		key: &PublicKey,
		place: &Place<'_>,
		selector: &Ciphertext,
	) -> Result<VerifiedTransfer, KnowledgeError> {
		let [x, z] = [selector, &self.ciphertext].map(Ciphertext::to_bytes);
		let transcript = place.transcript();
		let transfer = transfer_proof::Transfer { transcript, selector: &x, transfer: &z, proof: &self.proof };
		match transfer.holds(&ring(key)) {
			Some(true) => Ok(VerifiedTransfer { selector: selector.clone(), ciphertext: self.ciphertext.clone() }),
			_ => Err(KnowledgeError::Unproven),
		}
	}
}

/// What a sender knows of a transfer, and its nonces.
pub(crate) struct Known<'a> {
	pub(crate) place: Place<'a>,
	pub(crate) selector: &'a Ciphertext,
	pub(crate) transfer: Ciphertext,
	/// `kappa` and `rho`.
	pub(crate) secrets: [&'a Plaintext; 2],
	/// `a` and `s`.
	pub(crate) nonces: [&'a Plaintext; 2],
	/// `X^a s^N`.
	pub(crate) commitment: Ciphertext,
}

/// Proves each transfer.
pub(crate) fn prove(key: &PublicKey, known: Vec<Known<'_>>) -> Vec<Transfer> {
	let n = key.modulus_bytes();
	let commitments: Vec<_> = known.iter().map(|known| known.commitment.to_bytes()).collect();
	let knowledge = known.iter().zip(&commitments).map(|(known, commitment)| {
		let [x, z] = [known.selector, &known.transfer].map(Ciphertext::to_bytes);
		let challenge = transfer_proof::challenge(&known.place.transcript(), &n, &x, &z, commitment);
		Knowledge { base: known.selector, secrets: known.secrets, nonces: known.nonces, challenge }
	});
	let responses = key.respond_each(&knowledge.collect::<Vec<_>>());
	let proofs = commitments.iter().zip(responses);
	let proofs = proofs.map(|(commitment, [z, w])| fitting(commitment, &z.to_bytes(), &w.to_bytes()));
	known.into_iter().zip(proofs).map(|(known, proof)| Transfer { ciphertext: known.transfer, proof }).collect()
}

/// A proof of numbers that are as long as a key's.
fn fitting(commitment: &[u8], kappa_response: &[u8], rho_response: &[u8]) -> TransferProof {
	let [kappa_response, rho_response] = [kappa_response, rho_response]
		.map(|response| response.to_vec().try_into().expect("a response is no longer than the longest modulus"));
	let commitment = commitment.to_vec().try_into().expect("a commitment is no longer than the longest ciphertext");
	TransferProof { commitment, kappa_response, rho_response }
}

pub(crate) fn ring(key: &PublicKey) -> Ring {
	Ring::new(&key.modulus_bytes(), &Native).expect("a key's modulus is neither zero nor too long")
}
