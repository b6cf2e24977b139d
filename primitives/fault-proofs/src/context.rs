//! The job that a proof is about.

use crate::{
	big_integers::BigIntegers,
	ring::Ring,
	transcript::Transcript,
	transfer_proof::{self, Transfer},
	verdict::{FaultError, Verdict},
	wire::{self, Entry},
};
use codec::Encode;
use encrytrust_types::{
	job::{ComputingParty, Contract, FaultKind, Role, Stage, TreeShape},
	JobId,
};
use primitive_types::H256;

/// The job that a proof is about: its contract, and what was committed to.
#[derive(Clone, Copy, Debug)]
pub struct FaultContext<'a, AccountId, Balance, BlockNumber, Roots> {
	/// The chain, by its genesis block's hash.
	pub genesis: H256,
	/// The job.
	pub job: JobId,
	/// Its contract.
	pub contract: &'a Contract<AccountId, Balance, BlockNumber>,
	/// The root that a party committed to in a stage, if it has.
	pub roots: Roots,
	/// Who computes.
	pub integers: &'static dyn BigIntegers,
}

impl<'a, A: Clone + Encode, B, N, Roots: Fn(Stage, &A) -> Option<H256>> FaultContext<'a, A, B, N, Roots> {
	pub(crate) fn computing(&self, index: u16) -> Result<&'a ComputingParty<A, B>, FaultError> {
		self.contract.computing.get(usize::from(index)).ok_or(FaultError::OutOfRange)
	}

	pub(crate) fn root(&self, stage: Stage, who: &A) -> Result<H256, FaultError> {
		(self.roots)(stage, who).ok_or(FaultError::NotDelivered)
	}

	pub(crate) fn user_ring(&self) -> Result<Ring, FaultError> {
		Ring::new(&self.contract.user_key, self.integers).ok_or(FaultError::Length)
	}

	pub(crate) fn computing_ring(&self, index: u16) -> Result<Ring, FaultError> {
		Ring::new(&self.computing(index)?.paillier, self.integers).ok_or(FaultError::Length)
	}

	/// `S(label)` of `docs/protocol/selection.md`.
	pub(crate) fn transcript(&self, label: &str, computing: u16) -> Result<Transcript, FaultError> {
		let provider = &self.computing(computing)?.party.who;
		let start = Transcript::new(label).with(self.genesis).with(self.job.to_le_bytes());
		Ok(start.with(self.contract.coordinator.who.encode()).with(provider.encode()))
	}

	/// The weight that a node raises its child to, if it holds a power.
	pub(crate) fn weight(&self, shape: TreeShape, level: u8, index: u64) -> Option<i32> {
		let weights = self.contract.parameters.weights();
		let rank = index.checked_rem(weights.len() as u64).filter(|_| shape.is_power(level))?;
		weights.get(rank as usize).copied()
	}

	/// Number of entries of a part: one for each computing provider and feature.
	pub(crate) fn entries(&self) -> u32 {
		(self.contract.computing.len() as u32).saturating_mul(self.contract.features().into())
	}

	/// The place of an entry in its part.
	pub(crate) fn entry_index(&self, computing: u16, feature: u16) -> u32 {
		u32::from(computing).saturating_mul(self.contract.features().into()).saturating_add(feature.into())
	}

	/// Whether an entry has a ciphertext for each block of its part, and as many chunks as these take.
	pub(crate) fn is_complete(&self, data: u16, part: u32, entry: &Entry, user: &Ring) -> bool {
		let blocks = self.contract.blocks_of(data, part).len() as u32;
		(entry.blocks, entry.chunks) == (blocks, wire::chunks(blocks, user.bytes()))
	}

	/// Whether an entry of a data provider is complete, see [`Entry`]: it is another matter whether its transfer is a ciphertext.
	pub fn has_all_blocks(&self, data: u16, part: u32, entry: &Entry) -> bool {
		self.user_ring().is_ok_and(|user| self.is_complete(data, part, entry, &user))
	}

	/// Whether an entry can be read as one.
	pub(crate) fn is_well_formed(
		&self,
		data: u16,
		computing: u16,
		part: u32,
		entry: &Entry,
	) -> Result<bool, FaultError> {
		let (ring, complete) =
			(self.computing_ring(computing)?, self.is_complete(data, part, entry, &self.user_ring()?));
		Ok(complete && ring.is_ciphertext(&entry.transfer) && entry.proof.is_well_formed(&ring))
	}

	/// An entry's transfer, with what it is proven about.
	pub(crate) fn transfer<'e>(
		&self,
		[data, computing, feature]: [u16; 3],
		part: u32,
		selector: &'e [u8],
		entry: &'e Entry,
	) -> Result<Transfer<'e>, FaultError> {
		let from = &self.contract.data.get(usize::from(data)).ok_or(FaultError::OutOfRange)?.party.who;
		let transcript = self.transcript(transfer_proof::LABEL, computing)?;
		let transcript = transcript.with(from.encode()).with(u32::from(feature).to_le_bytes()).with(part.to_le_bytes());
		Ok(Transfer { transcript, selector, transfer: &entry.transfer, proof: &entry.proof })
	}

	pub(crate) fn coordinators_fault(&self, kind: FaultKind) -> Verdict<A> {
		let offender = self.contract.coordinator.who.clone();
		Verdict { offender, role: Role::Coordinator, stage: Stage::Selection, kind }
	}

	pub(crate) fn data_providers_fault(&self, data: u16, kind: FaultKind) -> Result<Verdict<A>, FaultError> {
		let offender = self.contract.data.get(usize::from(data)).ok_or(FaultError::OutOfRange)?.party.who.clone();
		Ok(Verdict { offender, role: Role::DataProvider, stage: Stage::Inputs, kind })
	}
}
