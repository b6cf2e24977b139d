//! What honest parties publish in a job, from public numbers alone: for tests and benchmarks.
//!
//! No key is needed, for nothing is decrypted: ciphertexts are any numbers, and the randomness of selectors and transfers
//! is known here. Only the proofs about selections are missing.

use super::{EntryProof, FaultContext, Opening};
use crate::{
	big_integers,
	bmpc::{
		Column, ComputingParty, Contract, DataParty, Endpoint, JobId, Modulus, Parameters, Party, Schedule, Selection,
		SelectionTerms, Stage, TemplateKind,
	},
	merkle,
	product_tree::{fixed_bytes, Tree},
	ring::Ring,
	selector,
	transcript::Transcript,
	wire::{self, Entry, InputsManifest, Product},
};
use alloc::{vec, vec::Vec};
use chacha20poly1305::{aead::Aead, ChaCha20Poly1305, KeyInit};
use codec::Encode;
use num_bigint::BigUint;
use sp_core::{bounded::BoundedVec, H256};

/// Data providers of the small contract.
pub const DATA: [u64; 3] = [11, 12, 13];
/// Its computing providers.
pub const COMPUTING: [u64; 2] = [21, 22];
/// Its coordinator.
pub const COORDINATOR: u64 = 31;
/// Its job.
pub const JOB: JobId = 5;

/// A contract of [`contract`].
pub type SmallContract = Contract<u64, u128, u32>;

/// Of the small chain.
pub fn genesis() -> H256 {
	H256::repeat_byte(9)
}

/// The product of two Mersenne primes.
#[allow(clippy::arithmetic_side_effects)] // integers without bound
fn modulus(p: u32, q: u32) -> Modulus {
	let prime = |bits: u32| (BigUint::from(1u8) << bits) - 1u8;
	BoundedVec::truncate_from((prime(p) * prime(q)).to_bytes_be())
}

/// Features 1 and 2 of the small contract.
pub fn selection() -> Selection {
	Selection { salt: [3; 32], bitmap: vec![0b110] }
}

/// A contract over moduli so short that everything about it takes a moment: three data sets of four columns, two computing
/// providers.
pub fn contract(kind: TemplateKind) -> SmallContract {
	let endpoint = Endpoint { sealing: [0; 32], peer: [0; 32], address: Default::default() };
	let party = |who| Party { who, pay: 1, endpoint: endpoint.clone() };
	let column = Column { name: Default::default(), decimals: 0, bits: 8 };
	let computing = COMPUTING.into_iter().zip([modulus(61, 107), modulus(89, 107)]);
	let parameters = match kind {
		TemplateKind::Histogram => Parameters::Histogram { low: 0, width: 1, bins: 2 },
		TemplateKind::WeightedSum => Parameters::Weights(BoundedVec::truncate_from(vec![3, -2])),
		_ => Parameters::None,
	};
	Contract {
		user: 1,
		template: 0,
		kind,
		parameters,
		schema: BoundedVec::truncate_from(vec![column; 4]),
		data: BoundedVec::truncate_from(
			DATA.map(|who| DataParty { data_set: who, rows: 10, party: party(who) }).to_vec(),
		),
		computing: BoundedVec::truncate_from(
			computing
				.map(|(who, paillier)| ComputingParty { paillier, key_proof: [0; 32], party: party(who) })
				.collect(),
		),
		coordinator: party(COORDINATOR),
		user_key: modulus(61, 89),
		user_key_proof: [0; 32],
		selection: SelectionTerms {
			commitment: selection().commitment(kind.features(4).unwrap_or_default()),
			selected: 2,
			sealed: Default::default(),
		},
		schedule: Schedule { confirm_by: 1, select_by: 2, inputs_by: 3, outputs_by: 4, result_by: 5 },
		challenge_period: 1,
		fee: 0,
		bond: 0,
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
	/// The data providers' manifests.
	pub manifests: Vec<InputsManifest>,
	/// The data providers' sealed features, each one chunk, as the manifests' entries.
	pub chunks: Vec<Vec<Vec<u8>>>,
	/// The computing providers' trees.
	pub outputs: Vec<Product>,
	/// The coordinator's trees.
	pub result: Product,
}

/// Where a sealed feature belongs: data provider, computing provider, feature.
type Place = [u16; 3];

impl<'a, A: Clone + Encode + PartialEq, B, N> Sample<'a, A, B, N> {
	/// The blobs of a job; `None` for a contract whose parts do not fit together.
	pub fn new(genesis: H256, job: JobId, contract: &'a Contract<A, B, N>, selection: Selection) -> Option<Self> {
		let (messages, manifests, chunks, outputs) = Default::default();
		let result = Product { trees: vec![] };
		let mut sample = Self { genesis, job, contract, selection, messages, manifests, chunks, outputs, result };
		sample.messages = (0..contract.computing.len() as u16).map(|j| sample.message(j)).collect::<Option<_>>()?;
		for data in 0..contract.data.len() as u16 {
			let places = (0..contract.computing.len() as u16)
				.flat_map(|computing| (0..contract.features()).map(move |feature| [data, computing, feature]));
			let sealed = places.map(|place| sample.seal(place)).collect::<Option<Vec<_>>>()?;
			let (entries, chunks) = sealed.into_iter().unzip();
			sample.manifests.push(InputsManifest { entries, messages: vec![] });
			sample.chunks.push(chunks);
		}
		sample.multiply()?;
		Some(sample)
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
		let tree = |output: u16| {
			let leaves =
				self.outputs.iter().map(|product| Some(product.trees.get(usize::from(output))?.root()?.to_vec()));
			Tree::multiply(leaves.collect::<Option<_>>()?, &ring)
		};
		self.result.trees = (0..self.contract.outputs()).map(tree).collect::<Option<_>>()?;
		Some(())
	}

	/// What proofs about the job are checked against.
	pub fn context(&self) -> FaultContext<'a, A, B, N, impl Fn(Stage, &A) -> Option<H256> + use<'_, 'a, A, B, N>> {
		let roots = |stage, who: &A| self.root(stage, who);
		FaultContext { genesis: self.genesis, job: self.job, contract: self.contract, roots }
	}

	/// What a party commits to.
	pub fn root(&self, stage: Stage, who: &A) -> Option<H256> {
		let (contract, ring) = (self.contract, self.user_ring()?);
		let trees = |product: &Product| {
			let hashes = product.hashes(contract.tree_shape(stage)?, ring.bytes())?;
			Some(merkle::root(&wire::product_leaves(&hashes)))
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
				self.manifests.get(place).map(InputsManifest::root)
			},
			Stage::Outputs => {
				let place = contract.computing.iter().position(|computing| computing.party.who == *who)?;
				trees(self.outputs.get(place)?)
			},
			Stage::Result => coordinates.then(|| trees(&self.result))?,
		}
	}

	/// What a computing provider shows of a chosen feature.
	#[allow(clippy::arithmetic_side_effects)] // integers without bound
	pub fn opening(&self, [data, computing, feature]: Place) -> Option<Opening> {
		let (ring, entry) = (self.ring(computing)?, self.entry([data, computing, feature])?);
		let choice = self.choice(feature)?;
		let x = selector::selector(&self.genesis, self.job, &choice, &ring)?;
		let (kappa, rho) = self.transfer([data, computing, feature], &ring);
		let weight = Transcript::new("encrytrust/selection/opening/1")
			.with(ring.n_bytes())
			.with(x)
			.with(&entry.transfer)
			.with(&kappa)
			.challenge();
		let exponent = BigUint::from(weight) + BigUint::from_bytes_be(&kappa);
		let r = selector::randomness(&self.genesis, self.job, &choice, &ring);
		let power = big_integers::mod_pow(&r, &exponent.to_bytes_be(), ring.n_bytes())?;
		let root = big_integers::mod_mul(&power, &rho, ring.n_bytes())?;
		Some(Opening { kappa: kappa.try_into().ok()?, root: root.try_into().ok()? })
	}

	/// An entry with its proof.
	pub fn entry_proof(&self, [data, computing, feature]: Place) -> Option<EntryProof> {
		self.context().entry(self.manifests.get(usize::from(data))?, computing, feature)
	}

	/// Seal a feature anew, with other bytes inside.
	pub fn reseal(&mut self, place: Place, plain: &[u8]) -> Option<()> {
		let (entry, chunk) = self.seal_bytes(place, plain)?;
		let [data, computing, feature] = place;
		let index = self.context().inputs_piece(computing, feature) as usize;
		let old = self.manifests.get_mut(usize::from(data))?.entries.get_mut(index)?;
		*old = Entry { ciphertexts: old.ciphertexts, ..entry };
		*self.chunks.get_mut(usize::from(data))?.get_mut(index)? = chunk;
		Some(())
	}

	/// A data provider's ciphertext.
	pub fn ciphertext(&self, place: Place) -> Option<Vec<u8>> {
		let ring = self.user_ring()?;
		ring.reduce(&self.number("ciphertext", place, ring.bytes()))
	}

	fn message(&self, computing: u16) -> Option<Vec<u8>> {
		let (ring, features) = (self.ring(computing)?, self.contract.features());
		let choices = self.selection.choices(features);
		let selectors = choices.iter().map(|choice| selector::selector(&self.genesis, self.job, choice, &ring));
		let mut message = selectors.collect::<Option<Vec<_>>>()?.concat();
		message.resize(super::message_bytes(features, ring.n_bytes().len()), 1);
		Some(message)
	}

	fn seal(&self, place: Place) -> Option<(Entry, Vec<u8>)> {
		self.seal_bytes(place, &self.ciphertext(place)?)
	}

	fn seal_bytes(&self, [data, computing, feature]: Place, plain: &[u8]) -> Option<(Entry, Vec<u8>)> {
		let ring = self.ring(computing)?;
		let (kappa, rho) = self.transfer([data, computing, feature], &ring);
		let x = selector::selector(&self.genesis, self.job, &self.choice(feature)?, &ring)?;
		let transfer = ring.multiply(&ring.pow(&x, &kappa)?, &ring.pow(&rho, ring.n_bytes())?)?;
		let key = self.context().column_key(data, computing, feature, &kappa).ok()?;
		// The only chunk: index 0, and the last.
		let nonce = [0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0];
		let chunk = ChaCha20Poly1305::new(&key.into()).encrypt(&nonce.into(), plain).ok()?;
		let entry = Entry {
			transfer: transfer.try_into().ok()?,
			sealed: merkle::leaf(0, &chunk),
			chunks: 1,
			ciphertexts: merkle::leaf(0, plain),
			blocks: 1,
		};
		Some((entry, chunk))
	}

	fn output(&self, computing: u16) -> Option<Product> {
		let ring = self.user_ring()?;
		let leaf = |data: u16, feature: u16| {
			let choice = self.choice(feature)?;
			let factor = selector::blinding(&self.genesis, self.job, &choice, computing.into(), data.into(), &ring)?;
			ring.multiply(&self.ciphertext([data, computing, feature])?, &factor)
		};
		let (data, features) = (0..self.contract.data.len() as u16, self.selection.features());
		let weights = self.contract.parameters.weights();
		let trees = if weights.is_empty() {
			let leaves = |feature: &u16| data.clone().map(|data| leaf(data, *feature)).collect::<Option<_>>();
			features.iter().map(|feature| Tree::multiply(leaves(feature)?, &ring)).collect::<Option<_>>()?
		} else {
			let leaves = data.flat_map(|data| features.iter().map(move |feature| (data, *feature)));
			let leaves = leaves.map(|(data, feature)| leaf(data, feature)).collect::<Option<_>>()?;
			vec![Tree::weighted(leaves, weights, &ring)?]
		};
		Some(Product { trees })
	}

	fn entry(&self, [data, computing, feature]: Place) -> Option<&Entry> {
		let index = self.context().inputs_piece(computing, feature) as usize;
		self.manifests.get(usize::from(data))?.entries.get(index)
	}

	fn choice(&self, feature: u16) -> Option<crate::bmpc::FeatureChoice> {
		self.selection.choices(self.contract.features()).get(usize::from(feature)).cloned()
	}

	/// `kappa` and `rho`.
	fn transfer(&self, place: Place, ring: &Ring) -> (Vec<u8>, Vec<u8>) {
		let length = ring.n_bytes().len();
		let below = |label| fixed_bytes(&BigUint::from_bytes_be(&self.number(label, place, length / 2)), length);
		(below("kappa"), below("rho"))
	}

	/// Bytes that follow from a place.
	fn number(&self, label: &str, place: Place, length: usize) -> Vec<u8> {
		let transcript = Transcript::new("sample").with(self.genesis).with(self.job.to_le_bytes());
		transcript.with(place.encode()).expand(label, length).to_vec()
	}

	fn user_ring(&self) -> Option<Ring> {
		Ring::new(&self.contract.user_key)
	}

	fn ring(&self, computing: u16) -> Option<Ring> {
		Ring::new(&self.contract.computing.get(usize::from(computing))?.paillier)
	}
}
