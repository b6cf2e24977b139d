//! What honest parties publish in a job, from public numbers alone: for tests and benchmarks.
//!
//! No key is needed, for nothing is decrypted: ciphertexts are any numbers, and the randomness of selectors and transfers
//! is known here. Only the proofs about selections are missing.

use crate::{
	answer::Answer,
	big_integers::{fixed_bytes, BigIntegers},
	context::FaultContext,
	fault::{message_bytes, EntryProof, Fault, Opening, Producer},
	find::{Chosen, EntryRun, PartOfTrees},
	opening::opening_power,
	product_tree::Tree,
	ring::Ring,
	selector,
	transcript::Transcript,
	transfer_proof::{self, TransferProof},
	wire::{self, Entry, InputsPart, Product},
};
use alloc::{vec, vec::Vec};
use chacha20poly1305::{aead::Aead, ChaCha20Poly1305, KeyInit};
use codec::Encode;
use encrytrust_types::{
	job::{Contract, FeatureChoice, Place, Selection, Stage, Unit},
	merkle, JobId,
};
use num_bigint::BigUint;
use primitive_types::H256;

impl<A: Clone + Encode, B, N, Roots: Fn(Stage, &A) -> Option<H256>> FaultContext<'_, A, B, N, Roots> {
	/// Seal a chunk of a feature whose transfer holds `kappa`.
	pub fn seal_chunk(&self, place: Sealed, kappa: &[u8], plain: &[u8], index: u64, last: bool) -> Option<Vec<u8>> {
		let key = self.column_key(place, kappa).ok()?;
		let number = u128::from(index) | u128::from(last) << 64;
		let nonce: [u8; 12] = *number.to_le_bytes().first_chunk()?;
		ChaCha20Poly1305::new(&key.into()).encrypt(&nonce.into(), plain).ok()
	}
}

/// A job's blobs. Tests change them as a cheat would; the roots follow.
#[derive(Clone, Debug)]
pub struct Sample<'a, AccountId, Balance, BlockNumber> {
	/// The chain, by its genesis block's hash.
	pub genesis: H256,
	/// The job.
	pub job: JobId,
	/// Its contract, whose selection's commitment is that of `selection`.
	pub contract: &'a Contract<AccountId, Balance, BlockNumber>,
	/// What is selected.
	pub selection: Selection,
	/// The coordinator's messages, whose selectors are right and whose proofs are not.
	pub messages: Vec<Vec<u8>>,
	/// The data providers' inputs, part by part.
	pub inputs: Vec<Vec<InputsPart>>,
	/// The sealed chunks of each entry of each part.
	pub chunks: Vec<Vec<Vec<Chunks>>>,
	/// The computing providers' trees, of all parts.
	pub outputs: Vec<Product>,
	/// The coordinator's trees, of all parts.
	pub result: Product,
	/// Who computes.
	pub integers: &'static dyn BigIntegers,
}

/// The sealed chunks of an entry.
pub type Chunks = Vec<Vec<u8>>;

/// Where a sealed feature belongs: data provider, computing provider, feature.
type Sealed = [u16; 3];

impl<'a, A: Clone + Encode + PartialEq, B, N> Sample<'a, A, B, N> {
	/// The blobs of a job; `None` for a contract whose parts do not fit together.
	pub fn new(
		genesis: H256,
		job: JobId,
		contract: &'a Contract<A, B, N>,
		selection: Selection,
		integers: &'static dyn BigIntegers,
	) -> Option<Self> {
		let (messages, inputs, chunks, outputs) = Default::default();
		let result = Product { trees: vec![] };
		let mut sample =
			Self { genesis, job, contract, selection, messages, inputs, chunks, outputs, result, integers };
		sample.messages = (0..contract.computing.len() as u16).map(|j| sample.message(j)).collect::<Option<_>>()?;
		for data in 0..contract.data.len() as u16 {
			let parts = (0..contract.parts(data)).map(|part| sample.part(data, part)).collect::<Option<Vec<_>>>()?;
			let (inputs, chunks) = parts.into_iter().unzip();
			sample.inputs.push(inputs);
			sample.chunks.push(chunks);
		}
		sample.multiply()?;
		Some(sample)
	}

	/// A part of a data provider's inputs, and its chunks.
	fn part(&self, data: u16, part: u32) -> Option<(InputsPart, Vec<Chunks>)> {
		let places = (0..self.contract.computing.len() as u16)
			.flat_map(|computing| (0..self.contract.features()).map(move |feature| [data, computing, feature]));
		let (mut inputs, mut chunks) =
			(InputsPart { entries: vec![], ciphertexts: vec![], messages: vec![] }, Vec::new());
		for place in places {
			let plain = self.ciphertexts(place, part)?;
			let leaves = wire::leaves(plain.iter());
			let (entry, sealed) = self.seal(place, part, &plain.concat())?;
			inputs.entries.push(Entry { ciphertexts: merkle::root(&leaves), blocks: leaves.len() as u32, ..entry });
			inputs.ciphertexts.push(leaves);
			chunks.push(sealed);
		}
		Some((inputs, chunks))
	}

	/// Make the trees anew, from ciphertexts that are those of the beginning.
	pub fn multiply(&mut self) -> Option<()> {
		let computing = 0..self.contract.computing.len() as u16;
		self.outputs = computing.map(|j| self.output(j)).collect::<Option<_>>()?;
		self.aggregate()
	}

	/// Make the coordinator's trees anew, from the computing providers'.
	pub fn aggregate(&mut self) -> Option<()> {
		let ring = self.user_ring()?;
		let tree = |output: u32| {
			let leaves = self.outputs.iter().map(|product| Some(product.trees.get(output as usize)?.root()?.to_vec()));
			Tree::multiply(leaves.collect::<Option<_>>()?, &ring)
		};
		self.result.trees = (0..self.contract.outputs()).map(tree).collect::<Option<_>>()?;
		Some(())
	}

	/// What proofs about the job are checked against.
	pub fn context(&self) -> FaultContext<'a, A, B, N, impl Fn(Stage, &A) -> Option<H256> + use<'_, 'a, A, B, N>> {
		let roots = |stage, who: &A| self.root(stage, who);
		FaultContext { genesis: self.genesis, job: self.job, contract: self.contract, roots, integers: self.integers }
	}

	/// What a party commits to.
	pub fn root(&self, stage: Stage, who: &A) -> Option<H256> {
		let (contract, ring) = (self.contract, self.user_ring()?);
		let trees = |product: &Product| {
			let hashes = product.hashes(contract.tree_shape(stage)?, ring.bytes())?;
			Some(merkle::root(&wire::product_leaves(0, &hashes)))
		};
		let coordinates = contract.coordinator.who == *who;
		match stage {
			Stage::Confirmation => None,
			Stage::Selection => {
				let leaves = self.context().selection_leaves(&self.messages)?;
				coordinates.then(|| merkle::root(&leaves))
			},
			Stage::Inputs => {
				let place = contract.data.iter().position(|data| data.party.who == *who)?;
				Some(merkle::root(&wire::inputs_leaves(&self.part_roots(place as u16)?)))
			},
			Stage::Outputs => {
				let place = contract.computing.iter().position(|computing| computing.party.who == *who)?;
				trees(self.outputs.get(place)?)
			},
			Stage::Result => coordinates.then(|| trees(&self.result))?,
		}
	}

	/// The roots of the parts of a data provider's inputs.
	pub fn part_roots(&self, data: u16) -> Option<Vec<H256>> {
		Some(self.inputs.get(usize::from(data))?.iter().map(InputsPart::root).collect())
	}

	/// A part of a data provider's inputs.
	pub fn part_of_inputs(&self, data: u16, part: u32) -> Option<EntryRun> {
		let above = merkle::path(&wire::inputs_leaves(&self.part_roots(data)?), part as usize)?;
		Some(EntryRun::whole(part, self.inputs.get(usize::from(data))?.get(part as usize)?.clone(), above))
	}

	/// A chunk of a unit, as its owner answers.
	pub fn answer(&self, unit: &Unit, chunk: u32) -> Option<Answer> {
		let context = self.context();
		match *unit {
			Unit::Selection { computing } => {
				context.selection_chunk(computing, chunk, &context.shown_message(&self.messages, computing)?)
			},
			Unit::Entries { data, part } => context.entries_chunk(data, chunk, &self.part_of_inputs(data, part)?),
			Unit::Message { data, computing, part } => {
				let inputs = self.part_of_inputs(data, part)?;
				let chunks = self.chunks.get(usize::from(data))?.get(part as usize)?;
				let features = (0..self.contract.features()).map(|feature| [data, computing, feature]);
				let sealed = features.map(|place| chunks.get(self.entry_index(place)).map(|packets| packets.concat()));
				context.message_chunk(data, computing, chunk, &inputs, &sealed.collect::<Option<Vec<_>>>()?)
			},
			Unit::Outputs { computing, part } => self.trees_answer(unit, chunk, Producer::Computing(computing), part),
			Unit::Result { part } => self.trees_answer(unit, chunk, Producer::Coordinator, part),
		}
	}

	fn trees_answer(&self, unit: &Unit, chunk: u32, producer: Producer, part: u32) -> Option<Answer> {
		let parts = self.published(producer)?;
		let parts = self.parts_of_trees(producer.stage(), &parts)?;
		self.context().trees_chunk(unit, chunk, parts.get(part as usize)?)
	}

	/// All chunks of a unit.
	pub fn answers(&self, unit: &Unit) -> Option<Vec<Answer>> {
		(0..self.contract.unit_chunks(unit)).map(|chunk| self.answer(unit, chunk)).collect()
	}

	/// Trees in parts, as they are published.
	pub fn parts(&self, product: &Product) -> Vec<Product> {
		let parts = product.trees.chunks(self.contract.part_size() as usize);
		parts.map(|trees| Product { trees: trees.to_vec() }).collect()
	}

	/// What is looked at part by part; `parts` are [`Self::parts`].
	pub fn parts_of_trees<'p>(&self, stage: Stage, parts: &'p [Product]) -> Option<Vec<PartOfTrees<'p>>> {
		let context = self.context();
		let read = |part: u32, product: &'p Product, above: &[H256]| context.part_of_trees(stage, part, product, above);
		let numbered = || (0u32..).zip(parts);
		let roots = numbered().map(|(part, product)| Some(read(part, product, &[])?.root()));
		let roots = roots.collect::<Option<Vec<_>>>()?;
		numbered().map(|(part, product)| read(part, product, &merkle::path(&roots, part as usize)?)).collect()
	}

	fn published(&self, producer: Producer) -> Option<Vec<Product>> {
		Some(match producer {
			Producer::Computing(index) => self.parts(self.outputs.get(usize::from(index))?),
			Producer::Coordinator => self.parts(&self.result),
		})
	}

	/// The first entry that is none of a data provider.
	pub fn entry_fault(&self, data: u16) -> Option<Fault> {
		let mut parts = (0..self.contract.parts(data)).filter_map(|part| self.part_of_inputs(data, part));
		parts.find_map(|inputs| self.context().find_entry_fault(data, &inputs))
	}

	/// The first transfer of a data provider that is not proven.
	pub fn transfer_fault(&self, data: u16) -> Option<Fault> {
		let (context, computing) = (self.context(), 0..self.contract.computing.len() as u16);
		let mut parts = (0..self.contract.parts(data)).filter_map(|part| self.part_of_inputs(data, part));
		parts.find_map(|inputs| {
			computing.clone().find_map(|j| {
				let shown = context.shown_message(&self.messages, j)?;
				context.find_transfer_fault([data, j], &shown, &inputs, &[7; 32])
			})
		})
	}

	/// That a feature does not open to what was committed to, by a block of a part.
	pub fn column_fault(&self, place: Sealed, part: u32, block: u32) -> Option<Fault> {
		let opening = self.opening(place, part)?;
		let chunks = self.chunks.get(usize::from(place[0]))?.get(part as usize)?.get(self.entry_index(place))?;
		let chunks: Vec<&[u8]> = chunks.iter().map(Vec::as_slice).collect();
		let (inputs, context) = (self.part_of_inputs(place[0], part)?, self.context());
		let message = context.shown_message(&self.messages, place[1])?;
		context.column_fault(place, &message, &inputs, opening, &chunks, block)
	}

	/// The first tree that is none.
	pub fn product_fault(&self, producer: Producer) -> Option<Fault> {
		let parts = self.published(producer)?;
		let parts = self.parts_of_trees(producer.stage(), &parts)?;
		parts.iter().find_map(|part| self.context().find_product_fault(producer, part))
	}

	/// The first leaf of a computing provider that is no committed input.
	pub fn output_fault(&self, computing: u16) -> Option<Fault> {
		let (context, parts) = (self.context(), self.published(Producer::Computing(computing))?);
		let chosen = Chosen::new(&self.selection, self.contract.features());
		(0..).zip(self.parts_of_trees(Stage::Outputs, &parts)?).find_map(|(part, trees)| {
			let below = context.inputs_below(&trees);
			let load = |(data, part): &(u16, u32)| self.part_of_inputs(*data, *part);
			let inputs = below.iter().map(load).collect::<Option<Vec<_>>>()?;
			let of_part = |place: (u16, u32), _| below.binary_search(&place).ok().and_then(|index| inputs.get(index));
			let outputs: Vec<_> = self.contract.outputs_of(part).collect();
			context.find_output_fault(computing, &outputs, &trees, &chosen, of_part)
		})
	}

	/// The first leaf of the coordinator that is no output.
	pub fn result_fault(&self) -> Option<Fault> {
		let (result, all) = (self.published(Producer::Coordinator)?, 0..self.outputs.len() as u16);
		let outputs = all.map(|index| self.published(Producer::Computing(index))).collect::<Option<Vec<_>>>()?;
		let outputs = outputs.iter().map(|parts| self.parts_of_trees(Stage::Outputs, parts));
		let outputs = outputs.collect::<Option<Vec<_>>>()?;
		(0..).zip(self.parts_of_trees(Stage::Result, &result)?).find_map(|(part, result): (usize, _)| {
			let outputs: Vec<_> = outputs.iter().map(|parts| parts.get(part).cloned()).collect();
			self.context().find_result_fault(&result, &outputs)
		})
	}

	/// What a computing provider shows of a chosen feature in a part.
	#[allow(clippy::arithmetic_side_effects)] // integers without bound
	pub fn opening(&self, place: Sealed, part: u32) -> Option<Opening> {
		let [_, computing, feature] = place;
		let (ring, entry) = (self.ring(computing)?, self.entry(place, part)?);
		let choice = self.choice(feature)?;
		let x = selector::selector(&self.genesis, self.job, &choice, &ring)?;
		let (kappa, rho) = self.transfer(place, part, &ring);
		let weight = Transcript::new("encrytrust/selection/opening/2")
			.with(ring.n_bytes())
			.with(x)
			.with(&entry.transfer)
			.with(&kappa)
			.challenge();
		let exponent = BigUint::from(weight) + BigUint::from_bytes_be(&kappa);
		let r = selector::randomness(&self.genesis, self.job, &choice, &ring);
		let power = self.integers.power(&r, &exponent.to_bytes_be(), ring.n_bytes())?;
		let root = self.integers.multiply(&power, &rho, ring.n_bytes())?;
		let power = opening_power(&ring, &root)?.try_into().ok()?;
		Some(Opening { kappa: kappa.try_into().ok()?, root: root.try_into().ok()?, power })
	}

	/// An entry with its proof.
	pub fn entry_proof(&self, [data, computing, feature]: Sealed, part: u32) -> Option<EntryProof> {
		self.context().entry(&self.part_of_inputs(data, part)?, computing, feature)
	}

	/// Where an entry stands in its part.
	pub fn entry_index(&self, [_, computing, feature]: Sealed) -> usize {
		self.context().entry_index(computing, feature) as usize
	}

	/// Seal a feature anew, with other bytes inside.
	pub fn reseal(&mut self, place: Sealed, part: u32, plain: &[u8]) -> Option<()> {
		let (entry, chunks) = self.seal(place, part, plain)?;
		let (index, data, part) = (self.entry_index(place), usize::from(place[0]), part as usize);
		let old = self.inputs.get_mut(data)?.get_mut(part)?.entries.get_mut(index)?;
		(old.sealed, old.transfer, old.proof) = (entry.sealed, entry.transfer, entry.proof);
		*self.chunks.get_mut(data)?.get_mut(part)?.get_mut(index)? = chunks;
		Some(())
	}

	/// A data provider's ciphertext of a block.
	pub fn ciphertext(&self, place: Sealed, block: u32) -> Option<Vec<u8>> {
		let ring = self.user_ring()?;
		ring.reduce(&self.number("ciphertext", place, block, ring.bytes()))
	}

	/// A data provider's ciphertexts of a part.
	pub fn ciphertexts(&self, place: Sealed, part: u32) -> Option<Vec<Vec<u8>>> {
		self.contract.blocks_of(place[0], part).map(|block| self.ciphertext(place, block)).collect()
	}

	fn message(&self, computing: u16) -> Option<Vec<u8>> {
		let (ring, features) = (self.ring(computing)?, self.contract.features());
		let choices = self.selection.choices(features);
		let selectors = choices.iter().map(|choice| selector::selector(&self.genesis, self.job, choice, &ring));
		let mut message = selectors.collect::<Option<Vec<_>>>()?.concat();
		message.resize(message_bytes(features, ring.n_bytes().len()), 1);
		Some(message)
	}

	/// Seal bytes: the transfer and the chunks of an entry about no ciphertexts yet.
	fn seal(&self, place: Sealed, part: u32, plain: &[u8]) -> Option<(Entry, Chunks)> {
		let [_, computing, feature] = place;
		let ring = self.ring(computing)?;
		let (kappa, rho) = self.transfer(place, part, &ring);
		let x = selector::selector(&self.genesis, self.job, &self.choice(feature)?, &ring)?;
		let transfer = ring.multiply(&ring.pow(&x, &kappa)?, &ring.pow(&rho, ring.n_bytes())?)?;
		let bytes = self.user_ring()?.bytes();
		let parts: Vec<&[u8]> = match plain {
			[] => vec![plain],
			_ => plain.chunks(wire::ciphertexts_per_chunk(bytes).checked_mul(bytes)?).collect(),
		};
		let last = parts.len().checked_sub(1)?;
		let context = self.context();
		let seal =
			|(index, plain): (usize, &&[u8])| context.seal_chunk(place, &kappa, plain, index as u64, index == last);
		let chunks = parts.iter().enumerate().map(seal).collect::<Option<Vec<_>>>()?;
		let proof = self.prove_transfer(place, part, &x, &transfer)?;
		let entry = Entry {
			transfer: transfer.try_into().ok()?,
			proof,
			sealed: merkle::root(&wire::leaves(chunks.iter())),
			chunks: chunks.len() as u32,
			ciphertexts: H256::zero(),
			blocks: 0,
		};
		Some((entry, chunks))
	}

	/// That `kappa` and `rho` are known.
	#[allow(clippy::arithmetic_side_effects)] // integers without bound; no modulus is zero
	fn prove_transfer(&self, place: Sealed, part: u32, x: &[u8], transfer: &[u8]) -> Option<TransferProof> {
		let [data, computing, feature] = place;
		let (ring, context) = (self.ring(computing)?, self.context());
		let (kappa, rho) = self.transfer(place, part, &ring);
		let [a, s] = self.below_modulus(["kappa nonce", "rho nonce"], place, part, &ring);
		let commitment = ring.multiply(&ring.pow(x, &a)?, &ring.pow(&s, ring.n_bytes())?)?;
		let from = &self.contract.data.get(usize::from(data))?.party.who;
		let transcript = context.transcript(transfer_proof::LABEL, computing).ok()?.with(from.encode());
		let transcript = transcript.with(u32::from(feature).to_le_bytes()).with(part.to_le_bytes());
		let challenge = transfer_proof::challenge(&transcript, ring.n_bytes(), x, transfer, &commitment);
		let response = BigUint::from_bytes_be(&kappa) * challenge + BigUint::from_bytes_be(&a);
		let (quotient, remainder) = (&response / ring.n(), response % ring.n());
		let n = ring.n_bytes();
		let power = |base: &[u8], exponent: &[u8]| self.integers.power(base, exponent, n);
		let of_rho = self.integers.multiply(&s, &power(&rho, &challenge.to_be_bytes())?, n)?;
		let of_rho = self.integers.multiply(&of_rho, &power(x, &quotient.to_bytes_be())?, n)?;
		Some(TransferProof {
			commitment: commitment.try_into().ok()?,
			kappa_response: fixed_bytes(&remainder, n.len()).try_into().ok()?,
			rho_response: of_rho.try_into().ok()?,
		})
	}

	fn output(&self, computing: u16) -> Option<Product> {
		let (ring, features) = (self.user_ring()?, self.selection.features());
		let choices = self.selection.choices(self.contract.features());
		let leaf = |Place { data, block, rank }: Place| {
			let feature = *features.get(usize::from(rank))?;
			let choice = choices.get(usize::from(feature))?;
			let (genesis, job) = (&self.genesis, self.job);
			let factor = selector::blinding(genesis, job, choice, computing.into(), data.into(), block, &ring)?;
			ring.multiply(&self.ciphertext([data, computing, feature], block)?, &factor)
		};
		let leaves = self.contract.tree_shape(Stage::Outputs)?.leaves();
		let weights = self.contract.parameters.weights();
		let tree = |output: u32| {
			let leaves =
				(0..leaves).map(|index| leaf(self.contract.place_of(output, index)?)).collect::<Option<_>>()?;
			if weights.is_empty() {
				Tree::multiply(leaves, &ring)
			} else {
				Tree::weighted(leaves, weights, &ring)
			}
		};
		Some(Product { trees: (0..self.contract.outputs()).map(tree).collect::<Option<_>>()? })
	}

	fn entry(&self, place: Sealed, part: u32) -> Option<&Entry> {
		self.inputs.get(usize::from(place[0]))?.get(part as usize)?.entries.get(self.entry_index(place))
	}

	fn choice(&self, feature: u16) -> Option<FeatureChoice> {
		self.selection.choices(self.contract.features()).get(usize::from(feature)).cloned()
	}

	/// `kappa` and `rho`.
	fn transfer(&self, place: Sealed, part: u32, ring: &Ring) -> (Vec<u8>, Vec<u8>) {
		let [kappa, rho] = self.below_modulus(["kappa", "rho"], place, part, ring);
		(kappa, rho)
	}

	/// Numbers of half the modulus' length, in its length.
	fn below_modulus(&self, labels: [&str; 2], place: Sealed, part: u32, ring: &Ring) -> [Vec<u8>; 2] {
		let length = ring.n_bytes().len();
		labels.map(|label| fixed_bytes(&BigUint::from_bytes_be(&self.number(label, place, part, length / 2)), length))
	}

	/// Bytes that follow from a place, and a number of it.
	fn number(&self, label: &str, place: Sealed, number: u32, length: usize) -> Vec<u8> {
		let transcript = Transcript::new("sample").with(self.genesis).with(self.job.to_le_bytes());
		transcript.with((place, number).encode()).expand(label, length).to_vec()
	}

	fn user_ring(&self) -> Option<Ring> {
		Ring::new(&self.contract.user_key, self.integers)
	}

	fn ring(&self, computing: u16) -> Option<Ring> {
		Ring::new(&self.contract.computing.get(usize::from(computing))?.paillier, self.integers)
	}
}
