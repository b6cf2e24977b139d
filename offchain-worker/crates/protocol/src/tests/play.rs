//! Whole jobs in memory, without chain, network and files. Also included by other crates' tests, so it uses nothing that
//! is private here.
#![allow(dead_code, unreachable_pub, missing_docs, reason = "each of those who include it uses a part of it")]

use codec::Encode;
use encrytrust_fault_proofs::big_integers::Native;
use encrytrust_fault_proofs::{
	wire::{inputs_leaves, InputsPart, Manifest, Product},
	Fault, FaultContext,
};
use encrytrust_paillier::{KeySize, SecretKey};
use encrytrust_protocol::{
	chain::{AccountId, Balance, Contract, Delivered, Party, Schedule, H256},
	computing_provider, coordinator,
	data_provider::{self, EphemeralKey, MaskKeys},
	digest,
	keys::{verify_keys, Evidence, ProvenKeys},
	sealing::SealingKey,
	user,
	verification::{self, SealedInputs, View},
	Blobs, Inputs, Job, ProtocolError, Published, Store, Trees,
};
use encrytrust_types::{
	dataset::Column,
	job::{
		Commitment, ComputingParty, DataParty, Endpoint, FaultKind, MaskKey, Parameters, Selection, Stage, TemplateKind,
	},
	merkle,
};
use std::{
	collections::HashMap,
	io,
	sync::{LazyLock, Mutex},
};

pub(crate) static USER: LazyLock<SecretKey> = LazyLock::new(|| SecretKey::generate(KeySize::Bits2048));
pub(crate) static COMPUTING: [LazyLock<SecretKey>; 3] =
	[const { LazyLock::new(|| SecretKey::generate(KeySize::Bits2048)) }; 3];

pub(crate) const GENESIS: H256 = H256([7; 32]);
pub(crate) const USER_ACCOUNT: AccountId = AccountId([200; 32]);
pub(crate) const COORDINATOR: AccountId = AccountId([100; 32]);

pub(crate) fn data_provider(index: usize) -> AccountId {
	AccountId([1 + index as u8; 32])
}

pub(crate) fn computing_provider(index: usize) -> AccountId {
	AccountId([50 + index as u8; 32])
}

pub(crate) fn sealing(who: &AccountId) -> SealingKey {
	SealingKey::derive(&who.0)
}

/// A data provider's key for masks.
pub(crate) fn mask_key(data: usize) -> EphemeralKey {
	EphemeralKey::from_secret(&[0x40 + data as u8; 32])
}

pub(crate) fn party(who: AccountId) -> Party {
	let endpoint = Endpoint { sealing: sealing(&who).public(), peer: [0; 32], address: Default::default() };
	Party { who, pay: 1 as Balance, charges: 0, endpoint }
}

/// What is asked of whom.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Question {
	pub(crate) kind: TemplateKind,
	pub(crate) parameters: Parameters,
	/// Decimals and bits of each column.
	pub(crate) columns: Vec<(u8, u8)>,
	/// The data sets' rows.
	pub(crate) data: Vec<Vec<Vec<i64>>>,
	pub(crate) computers: usize,
	/// Indices of features.
	pub(crate) selected: Vec<u16>,
}

impl Question {
	/// Means of three data sets' columns 0 and 2 out of four, by three computing providers.
	pub(crate) fn means() -> Self {
		let data = vec![
			vec![vec![1, -2, 3, 0], vec![100, 200, -300, 1]],
			vec![vec![7, 8, 9, 1]],
			vec![vec![-50, 60, 70, 0], vec![5, 5, 5, 0], vec![0, 0, 1, 1]],
		];
		let columns = vec![(0, 20), (3, 20), (2, 30), (2, 1)];
		Self {
			kind: TemplateKind::ColumnMean,
			parameters: Parameters::None,
			columns,
			data,
			computers: 3,
			selected: vec![0, 2],
		}
	}

	pub(crate) fn of(kind: TemplateKind, parameters: Parameters, selected: &[u16]) -> Self {
		Self { kind, parameters, selected: selected.to_vec(), ..Self::means() }
	}

	pub(crate) fn contract(&self, selection: &Selection, features: u16) -> Contract {
		let column = |(index, (decimals, bits)): (usize, &(u8, u8))| Column {
			name: format!("c{index}").into_bytes().try_into().unwrap(),
			decimals: *decimals,
			bits: *bits,
		};
		let data = self.data.iter().enumerate().map(|(index, rows)| DataParty {
			dataset: index as u64,
			dataset_rows: rows.len() as u64,
			first_row: 0,
			rows: rows.len() as u64,
			fingerprint: H256::zero(),
			party: party(data_provider(index)),
		});
		let computing = (0..self.computers).map(|index| ComputingParty {
			paillier: COMPUTING[index].public().modulus_bytes().try_into().unwrap(),
			key_proof: [index as u8; 32],
			party: party(computing_provider(index)),
		});
		let receivers = (0..self.computers).map(computing_provider).chain([COORDINATOR]);
		let receivers: Vec<_> = receivers.map(|who| (who.clone(), sealing(&who).public())).collect();
		Contract {
			user: USER_ACCOUNT,
			template: 1,
			kind: self.kind,
			parameters: self.parameters.clone(),
			schema: self.columns.iter().enumerate().map(column).collect::<Vec<_>>().try_into().unwrap(),
			data: data.collect::<Vec<_>>().try_into().unwrap(),
			computing: computing.collect::<Vec<_>>().try_into().unwrap(),
			coordinator: party(COORDINATOR),
			user_key: USER.public().modulus_bytes().try_into().unwrap(),
			user_key_proof: [99; 32],
			selection: user::selection_terms(selection, features, GENESIS, &USER_ACCOUNT, &receivers).unwrap(),
			schedule: Schedule::uniform(60),
			challenge_period: 10,
			answer_period: 60,
			charge_per_byte: 0,
			user_charges: 0,
			fee: 1,
			bond: 1,
		}
	}

	pub(crate) fn ask(&self) -> Play {
		let features = self.kind.features(self.columns.len() as u16).unwrap();
		let selection = Selection::new([9; 32], &self.selected, features).unwrap();
		let job = Job::new(3, GENESIS, self.contract(&selection, features)).unwrap();
		let keys = all_verified(&job);
		Play { question: self.clone(), job, selection, keys, blobs: Shelf::default(), commitments: Vec::new() }
	}
}

/// Who looks at a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Eyes {
	/// Data providers see no more than strangers.
	Stranger,
	/// The coordinator sees no more than the user, but for the result.
	User,
	Computing(usize),
}

pub(crate) const ALL_EYES: [Eyes; 4] = [Eyes::Stranger, Eyes::User, Eyes::Computing(0), Eyes::Computing(1)];

/// What was published, in memory.
#[derive(Debug, Default)]
pub(crate) struct Shelf(pub(crate) Mutex<HashMap<[u8; 32], Vec<u8>>>);

impl Shelf {
	pub(crate) fn get(&self, digest: &[u8; 32]) -> Vec<u8> {
		self.blob(digest).expect("it was published")
	}

	pub(crate) fn without(&self, digest: &[u8; 32]) -> Self {
		let without = self.clone();
		without.0.lock().unwrap().remove(digest);
		without
	}
}

impl Clone for Shelf {
	fn clone(&self) -> Self {
		Self(Mutex::new(self.0.lock().unwrap().clone()))
	}
}

impl Blobs for Shelf {
	fn blob(&self, digest: &[u8; 32]) -> Option<Vec<u8>> {
		self.0.lock().unwrap().get(digest).cloned()
	}
}

impl Store for Shelf {
	fn keep(&self, blob: &[u8]) -> io::Result<()> {
		self.0.lock().unwrap().insert(digest(blob), blob.to_vec());
		Ok(())
	}
}

/// A job and everything that was published of it.
#[derive(Clone)]
pub(crate) struct Play {
	pub(crate) question: Question,
	pub(crate) job: Job,
	pub(crate) selection: Selection,
	pub(crate) keys: ProvenKeys,
	pub(crate) blobs: Shelf,
	pub(crate) commitments: Vec<Delivered>,
}

impl Play {
	/// A job that goes well, by parties of which each uses what it receives alone.
	pub(crate) fn honest(question: &Question) -> Self {
		let mut play = question.ask();
		play.select();
		play.inputs();
		play.outputs();
		play.result();
		play
	}

	/// What there was when `stage` was over.
	pub(crate) fn until(mut self, stage: Stage) -> Self {
		self.commitments.retain(|delivered| delivered.stage <= stage);
		self
	}

	pub(crate) fn commit(&mut self, stage: Stage, who: AccountId, commitment: Commitment) {
		let at = 10 + self.commitments.len() as u32;
		self.commitments.push(Delivered { stage, who, at, commitment });
	}

	pub(crate) fn commitment(&self, stage: Stage, who: &AccountId) -> Commitment {
		let mut delivered = self.commitments.iter();
		delivered.find(|delivered| (delivered.stage, &delivered.who) == (stage, who)).unwrap().commitment
	}

	pub(crate) fn selected(&self) -> Published {
		verification::published_selection(&self.view(Eyes::Stranger)).unwrap()
	}

	/// Another commitment of a party.
	pub(crate) fn replace(&mut self, stage: Stage, who: &AccountId, commitment: Commitment) {
		self.commitments.retain(|delivered| (delivered.stage, &delivered.who) != (stage, who));
		self.commit(stage, who.clone(), commitment);
	}

	/// Keeps a blob for a commitment to it.
	pub(crate) fn keep(&self, published: &Published) -> Commitment {
		self.blobs.keep(&published.blob).unwrap();
		published.commitment
	}

	pub(crate) fn select(&mut self) {
		self.select_with(|_, selection| selection);
	}

	/// The coordinator may work with another selection than the user's.
	pub(crate) fn select_with(&mut self, change: impl FnOnce(&Job, Selection) -> Selection) {
		let opened = coordinator::open_request(&self.job, &sealing(&COORDINATOR)).unwrap();
		let selection = change(&self.job, opened);
		let commitment = self.keep(&coordinator::selection(&self.job, &selection).unwrap());
		self.commit(Stage::Selection, COORDINATOR, commitment);
	}

	pub(crate) fn inputs(&mut self) {
		self.inputs_with(&honestly);
	}

	/// The first data provider may commit to something else.
	pub(crate) fn inputs_with(&mut self, change: &Change<'_>) {
		let Published { commitment, blob } = self.selected();
		let selections = data_provider::read_selection(&self.job, &self.keys, &blob, &commitment).unwrap();
		for (index, rows) in self.question.data.clone().into_iter().enumerate() {
			let me = data_provider(index);
			let keys = self.mask_keys(index);
			let mut inputs = data_provider::InputsWriter::new(&self.job, &me, &keys, &selections, &self.blobs).unwrap();
			rows.iter().try_for_each(|row| inputs.add(row)).unwrap();
			let mut commitment = inputs.finish().unwrap();
			if index == 0 {
				commitment = change(&self.job, &me, commitment, &self.blobs).unwrap();
			}
			self.commit(Stage::Inputs, me, commitment);
		}
	}

	/// What a data provider agrees on masks with.
	pub(crate) fn mask_keys(&self, data: usize) -> MaskKeys {
		MaskKeys::new(mask_key(data), &self.posted_mask_keys()).unwrap()
	}

	/// The mask keys on chain.
	pub(crate) fn posted_mask_keys(&self) -> Vec<Option<MaskKey>> {
		(0..self.question.data.len()).map(|index| Some(mask_key(index).public())).collect()
	}

	/// The first part of what a data provider published.
	pub(crate) fn part(&self, data: usize) -> InputsPart {
		let commitment = self.commitment(Stage::Inputs, &data_provider(data));
		Inputs::read(&self.job, &self.blobs, data, &commitment).unwrap().part(0).unwrap()
	}

	/// Commits a data provider to a single part.
	pub(crate) fn replace_part(&mut self, data: usize, part: &InputsPart) {
		let commitment = self.keep_part(part);
		self.replace(Stage::Inputs, &data_provider(data), commitment);
	}

	pub(crate) fn keep_part(&self, part: &InputsPart) -> Commitment {
		self.blobs.keep(&part.encode()).unwrap();
		let manifest = Manifest { parts: vec![digest(&part.encode())], roots: vec![part.root()] };
		let root = merkle::root(&inputs_leaves(&[part.root()]));
		self.keep(&committed(manifest.encode(), root))
	}

	/// What a computing provider opens of a data provider, part by part.
	pub(crate) fn opened_of(&self, index: usize, data: usize) -> Vec<computing_provider::Opened> {
		let view = self.view(Eyes::Computing(index));
		let sealed = SealedInputs::new(&view, data);
		(0..self.job.contract.parts(data as u16)).map(|part| sealed.open(part).unwrap()).collect()
	}

	/// The first block of what a computing provider opens of all data providers: by data provider and rank.
	pub(crate) fn opened(&self, index: usize) -> Vec<Vec<Vec<u8>>> {
		let first = |data| self.opened_of(index, data)[0].iter().map(|blocks| blocks[0].clone()).collect();
		(0..self.question.data.len()).map(first).collect()
	}

	pub(crate) fn outputs(&mut self) {
		self.outputs_with(&honestly);
	}

	/// The first computing provider may commit to something else.
	pub(crate) fn outputs_with(&mut self, change: &Change<'_>) {
		for index in 0..self.question.computers {
			let me = computing_provider(index);
			let selection = computing_provider::open_request(&self.job, &me, &sealing(&me)).unwrap();
			let Published { commitment, blob } = self.selected();
			computing_provider::check_selection(&self.job, &me, &selection, &blob, &commitment).unwrap();
			let mut output = computing_provider::OutputWriter::new(&self.job, &me, &selection, &self.blobs).unwrap();
			for data in 0..self.question.data.len() {
				for (part, opened) in (0..).zip(self.opened_of(index, data)) {
					output.add(data, part, &opened).unwrap();
				}
			}
			let mut commitment = output.finish().unwrap();
			if index == 0 {
				commitment = change(&self.job, &me, commitment, &self.blobs).unwrap();
			}
			self.commit(Stage::Outputs, me, commitment);
		}
	}

	pub(crate) fn result(&mut self) {
		self.result_with(&honestly);
	}

	/// The coordinator may commit to something else.
	pub(crate) fn result_with(&mut self, change: &Change<'_>) {
		let outputs: Vec<_> =
			(0..self.question.computers).map(|index| self.trees(Stage::Outputs, &computing_provider(index))).collect();
		let commitment = coordinator::result(&self.job, &outputs, &self.blobs).unwrap();
		let commitment = change(&self.job, &COORDINATOR, commitment, &self.blobs).unwrap();
		self.commit(Stage::Result, COORDINATOR, commitment);
	}

	pub(crate) fn trees(&self, stage: Stage, who: &AccountId) -> Trees<'_> {
		Trees::read(&self.job, &self.blobs, stage, who, &self.commitment(stage, who)).unwrap()
	}

	/// The first part of what a party published in trees.
	pub(crate) fn product(&self, stage: Stage, who: &AccountId) -> Product {
		self.trees(stage, who).product(0).unwrap()
	}

	pub(crate) fn answers(&self) -> Vec<user::Answer> {
		let result = self.trees(Stage::Result, &COORDINATOR);
		let part =
			|part| user::decrypt(&self.job, &USER, &self.selection, part, &result.values(part).unwrap()).unwrap();
		(0..self.job.contract.output_parts()).flat_map(part).collect()
	}

	pub(crate) fn view(&self, eyes: Eyes) -> View<'_> {
		self.view_with(eyes, &self.blobs)
	}

	pub(crate) fn view_with<'a>(&'a self, eyes: Eyes, blobs: &'a dyn Blobs) -> View<'a> {
		View {
			job: &self.job,
			commitments: &self.commitments,
			blobs,
			keys: Some(&self.keys),
			selection: (eyes != Eyes::Stranger).then_some(&self.selection),
			computing: match eyes {
				Eyes::Computing(index) => Some((index, &COMPUTING[index])),
				_ => None,
			},
		}
	}
}

/// [`Question::means`], answered: made once, as it takes seconds.
pub(crate) fn honest() -> Play {
	static HONEST: LazyLock<Play> = LazyLock::new(|| Play::honest(&Question::means()));
	HONEST.clone()
}

/// The same blob under another root, as if the party had committed to it.
pub(crate) fn committed(blob: Vec<u8>, root: H256) -> Published {
	Published { commitment: Commitment { root, blob: digest(&blob) }, blob }
}

pub(crate) fn refusal<T: std::fmt::Debug>(name: &str, result: Result<T, ProtocolError>, words: &str) {
	let error = result.expect_err(name).to_string();
	assert!(error.contains(words), "{name}: {error}");
}

/// What a party commits to instead of its honest bytes, which are in the store.
pub(crate) type Change<'c> = dyn Fn(&Job, &AccountId, Commitment, &dyn Store) -> Result<Commitment, ProtocolError> + 'c;

pub(crate) fn honestly(_: &Job, _: &AccountId, honest: Commitment, _: &dyn Store) -> Result<Commitment, ProtocolError> {
	Ok(honest)
}

/// The keys of a job, as if all proofs about them had been verified.
pub(crate) fn all_verified(job: &Job) -> ProvenKeys {
	verify_keys(job, |_| Ok::<_, ProtocolError>(Evidence::VerifiedBefore)).unwrap()
}

/// Who is at fault, for what, as the chain decides.
pub(crate) fn verdict(play: &Play, fault: &Fault) -> Option<(AccountId, FaultKind)> {
	let roots = |stage, who: &AccountId| {
		let found = play.commitments.iter().find(|delivered| delivered.stage == stage && delivered.who == *who);
		found.map(|delivered| delivered.commitment.root)
	};
	let context =
		FaultContext { genesis: GENESIS, job: play.job.id, contract: &play.job.contract, roots, integers: &Native };
	encrytrust_fault_proofs::check(&context, fault).ok().map(|verdict| (verdict.offender, verdict.kind))
}

/// What somebody finds in a stage.
pub(crate) fn seen(play: &Play, eyes: Eyes, stage: Stage) -> Vec<(AccountId, FaultKind)> {
	let findings = verification::check(&play.view(eyes), stage);
	let faults = verification::faults(&findings).map(|(who, fault)| {
		let (offender, kind) = verdict(play, fault).expect("the chain takes it");
		assert_eq!(*who, offender);
		(offender, kind)
	});
	faults.collect()
}

/// Exactly these find exactly one fault.
pub(crate) fn expect(name: &str, play: &Play, stage: Stage, offender: &AccountId, kind: FaultKind, finders: &[Eyes]) {
	for eyes in ALL_EYES {
		let expected = if finders.contains(&eyes) { vec![(offender.clone(), kind)] } else { vec![] };
		let mut found = seen(play, eyes, stage);
		// A wrong selection is wrong under every key.
		found.dedup();
		assert_eq!(found, expected, "{name} by {eyes:?}");
	}
}

pub(crate) const INSIDERS: [Eyes; 3] = [Eyes::User, Eyes::Computing(0), Eyes::Computing(1)];
