//! Whole jobs without chain, network and files; what each party refuses; what each can see; and what each sees of who
//! cheats.

mod accumulate;
mod audits;
mod cheats;
mod demands;
mod jobs;
mod keys;
mod privacy;
mod rejects;

use super::{
	cheat::Cheat,
	cord, cp, dp,
	keys::ProvenKeys,
	user,
	watch::{self, SealedInputs, View},
	Blobs, Inputs, Job, Published, Store, Trees,
};
use crate::sealing::SealingKey;
use encrytrust_blob_store::digest;
use encrytrust_chain_client::{AccountId, Balance, Contract, Delivered, Party, Schedule, H256};
use encrytrust_fault_proofs::{
	product_tree::Tree,
	wire::{inputs_leaves, InputsPart, Manifest, Product},
};
use encrytrust_paillier::{KeySize, SecretKey};
use encrytrust_types::{
	dataset::{Column, Schema},
	job::{Commitment, ComputingParty, DataParty, Endpoint, Parameters, Selection, Stage, TemplateKind},
};
use std::{
	collections::HashMap,
	io,
	sync::{LazyLock, Mutex},
};

static USER: LazyLock<SecretKey> = LazyLock::new(|| SecretKey::generate(KeySize::Bits2048));
static COMPUTING: [LazyLock<SecretKey>; 3] = [const { LazyLock::new(|| SecretKey::generate(KeySize::Bits2048)) }; 3];

const GENESIS: H256 = H256([7; 32]);
const USER_ACCOUNT: AccountId = AccountId([200; 32]);
const CORD: AccountId = AccountId([100; 32]);

fn dp(index: usize) -> AccountId {
	AccountId([1 + index as u8; 32])
}

fn cp(index: usize) -> AccountId {
	AccountId([50 + index as u8; 32])
}

fn sealing(who: &AccountId) -> SealingKey {
	SealingKey::derive(&who.0)
}

fn party(who: AccountId) -> Party {
	let endpoint = Endpoint { sealing: sealing(&who).public(), peer: [0; 32], address: Default::default() };
	Party { who, pay: 1 as Balance, endpoint }
}

/// What is asked of whom.
#[derive(Clone, Debug, PartialEq)]
struct Question {
	kind: TemplateKind,
	parameters: Parameters,
	/// Decimals and bits of each column.
	columns: Vec<(u8, u8)>,
	/// The data sets' rows.
	data: Vec<Vec<Vec<i64>>>,
	computers: usize,
	/// Indices of features.
	selected: Vec<u16>,
}

impl Question {
	/// Means of three data sets' columns 0 and 2 out of four, by three computing providers.
	fn means() -> Self {
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

	fn of(kind: TemplateKind, parameters: Parameters, selected: &[u16]) -> Self {
		Self { kind, parameters, selected: selected.to_vec(), ..Self::means() }
	}

	fn contract(&self, selection: &Selection, features: u16) -> Contract {
		let column = |(index, (decimals, bits)): (usize, &(u8, u8))| Column {
			name: format!("c{index}").into_bytes().try_into().unwrap(),
			decimals: *decimals,
			bits: *bits,
		};
		let data = self.data.iter().enumerate().map(|(index, rows)| DataParty {
			data_set: index as u64,
			rows: rows.len() as u64,
			fingerprint: H256::zero(),
			party: party(dp(index)),
		});
		let computing = (0..self.computers).map(|index| ComputingParty {
			paillier: COMPUTING[index].public().modulus_bytes().try_into().unwrap(),
			key_proof: [index as u8; 32],
			party: party(cp(index)),
		});
		let receivers = (0..self.computers).map(cp).chain([CORD]);
		let receivers: Vec<_> = receivers.map(|who| (who.clone(), sealing(&who).public())).collect();
		Contract {
			user: USER_ACCOUNT,
			template: 1,
			kind: self.kind,
			parameters: self.parameters.clone(),
			schema: self.columns.iter().enumerate().map(column).collect::<Vec<_>>().try_into().unwrap(),
			data: data.collect::<Vec<_>>().try_into().unwrap(),
			computing: computing.collect::<Vec<_>>().try_into().unwrap(),
			coordinator: party(CORD),
			user_key: USER.public().modulus_bytes().try_into().unwrap(),
			user_key_proof: [99; 32],
			selection: user::selection_terms(selection, features, GENESIS, &USER_ACCOUNT, &receivers).unwrap(),
			schedule: Schedule { confirm_by: 1, select_by: 2, inputs_by: 3, outputs_by: 4, result_by: 5 },
			challenge_period: 10,
			fee: 1,
			bond: 1,
		}
	}

	fn ask(&self) -> Play {
		let features = self.kind.features(self.columns.len() as u16).unwrap();
		let selection = Selection::new([9; 32], &self.selected, features).unwrap();
		let job = Job::new(3, GENESIS, self.contract(&selection, features)).unwrap();
		let keys = ProvenKeys::verified(&job);
		Play { question: self.clone(), job, selection, keys, blobs: Shelf::default(), commitments: Vec::new() }
	}
}

/// Who looks at a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Eyes {
	/// Data providers see no more than strangers.
	Stranger,
	/// The coordinator sees no more than the user, but for the result.
	User,
	Computing(usize),
}

const ALL_EYES: [Eyes; 4] = [Eyes::Stranger, Eyes::User, Eyes::Computing(0), Eyes::Computing(1)];

/// What was published, in memory.
#[derive(Debug, Default)]
struct Shelf(Mutex<HashMap<[u8; 32], Vec<u8>>>);

impl Shelf {
	fn get(&self, digest: &[u8; 32]) -> Vec<u8> {
		self.blob(digest).expect("it was published")
	}

	fn without(&self, digest: &[u8; 32]) -> Self {
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
struct Play {
	question: Question,
	job: Job,
	selection: Selection,
	keys: ProvenKeys,
	blobs: Shelf,
	commitments: Vec<Delivered>,
}

impl Play {
	/// A job that goes well, by parties of which each uses what it receives alone.
	fn honest(question: &Question) -> Self {
		let mut play = question.ask();
		play.select(None);
		play.inputs(None);
		play.outputs(None);
		play.result(None);
		play
	}

	/// What there was when `stage` was over.
	fn until(mut self, stage: Stage) -> Self {
		self.commitments.retain(|delivered| delivered.stage <= stage);
		self
	}

	fn commit(&mut self, stage: Stage, who: AccountId, commitment: Commitment) {
		let at = 10 + self.commitments.len() as u32;
		self.commitments.push(Delivered { stage, who, at, commitment });
	}

	fn commitment(&self, stage: Stage, who: &AccountId) -> Commitment {
		let mut delivered = self.commitments.iter();
		delivered.find(|delivered| (delivered.stage, &delivered.who) == (stage, who)).unwrap().commitment
	}

	fn selected(&self) -> Published {
		watch::published_selection(&self.view(Eyes::Stranger)).unwrap()
	}

	/// Another commitment of a party.
	fn replace(&mut self, stage: Stage, who: &AccountId, commitment: Commitment) {
		self.commitments.retain(|delivered| (delivered.stage, &delivered.who) != (stage, who));
		self.commit(stage, who.clone(), commitment);
	}

	/// Keeps a blob for a commitment to it.
	fn keep(&self, published: &Published) -> Commitment {
		self.blobs.keep(&published.blob).unwrap();
		published.commitment
	}

	fn select(&mut self, cheat: Option<Cheat>) {
		let opened = cord::open_request(&self.job, &sealing(&CORD)).unwrap();
		let selection = cheat.map_or_else(|| opened.clone(), |cheat| cheat.selection(&self.job, opened.clone()));
		let commitment = self.keep(&cord::selection(&self.job, &selection).unwrap());
		self.commit(Stage::Selection, CORD, commitment);
	}

	/// The first data provider may cheat.
	fn inputs(&mut self, cheat: Option<Cheat>) {
		let Published { commitment, blob } = self.selected();
		let selections = dp::read_selection(&self.job, &self.keys, &blob, &commitment).unwrap();
		for (index, rows) in self.question.data.clone().into_iter().enumerate() {
			let me = dp(index);
			let mut inputs = dp::Inputs::new(&self.job, &me, &sealing(&me), &selections, &self.blobs).unwrap();
			rows.iter().for_each(|row| inputs.add(row));
			let mut commitment = inputs.finish().unwrap();
			if let Some(cheat) = cheat.filter(|_| index == 0) {
				commitment = cheat.inputs(&self.job, &me, commitment, &self.blobs).unwrap();
			}
			self.commit(Stage::Inputs, me, commitment);
		}
	}

	/// The first part of what a data provider published.
	fn part(&self, data: usize) -> InputsPart {
		let commitment = self.commitment(Stage::Inputs, &dp(data));
		Inputs::read(&self.job, &self.blobs, data, &commitment).unwrap().part(0).unwrap()
	}

	/// Commits a data provider to a single part.
	fn replace_part(&mut self, data: usize, part: &InputsPart) {
		let commitment = self.keep_part(part);
		self.replace(Stage::Inputs, &dp(data), commitment);
	}

	fn keep_part(&self, part: &InputsPart) -> Commitment {
		use codec::Encode;
		self.blobs.keep(&part.encode()).unwrap();
		let manifest = Manifest { parts: vec![digest(&part.encode())] };
		let root = encrytrust_types::merkle::root(&inputs_leaves(&[part.root()]));
		self.keep(&Published::new(root, &manifest))
	}

	/// What a computing provider opens of a data provider, part by part.
	fn opened_of(&self, index: usize, data: usize) -> Vec<cp::Opened> {
		let view = self.view(Eyes::Computing(index));
		let sealed = SealedInputs::new(&view, data);
		(0..self.job.contract.parts(data as u16)).map(|part| sealed.open(part).unwrap()).collect()
	}

	/// The first block of what a computing provider opens of all data providers: by data provider and rank.
	fn opened(&self, index: usize) -> Vec<Vec<Vec<u8>>> {
		let first = |data| self.opened_of(index, data)[0].iter().map(|blocks| blocks[0].clone()).collect();
		(0..self.question.data.len()).map(first).collect()
	}

	/// The first computing provider may cheat.
	fn outputs(&mut self, cheat: Option<(Cheat, Option<Vec<Tree>>)>) {
		for index in 0..self.question.computers {
			let me = cp(index);
			let selection = cp::open_request(&self.job, &me, &sealing(&me)).unwrap();
			let selected = self.selected();
			cp::check_selection(&self.job, &me, &selection, &selected.blob, &selected.commitment).unwrap();
			let mut output = cp::Output::new(&self.job, &me, &selection, &self.blobs).unwrap();
			for data in 0..self.question.data.len() {
				for (part, opened) in (0..).zip(self.opened_of(index, data)) {
					output.add(data, part, &opened).unwrap();
				}
			}
			let mut commitment = output.finish().unwrap();
			if let Some((cheat, previous)) = cheat.clone().filter(|_| index == 0) {
				commitment = cheat.output(&self.job, &me, commitment, &self.blobs, previous).unwrap();
			}
			self.commit(Stage::Outputs, me, commitment);
		}
	}

	fn result(&mut self, cheat: Option<Cheat>) {
		let outputs: Vec<_> =
			(0..self.question.computers).map(|index| self.trees(Stage::Outputs, &cp(index))).collect();
		let mut commitment = cord::result(&self.job, &outputs, &self.blobs).unwrap();
		if let Some(cheat) = cheat {
			commitment = cheat.result(&self.job, commitment, &self.blobs).unwrap();
		}
		self.commit(Stage::Result, CORD, commitment);
	}

	fn trees(&self, stage: Stage, who: &AccountId) -> Trees<'_> {
		Trees::read(&self.job, &self.blobs, stage, who, &self.commitment(stage, who)).unwrap()
	}

	/// The first part of what a party published in trees.
	fn product(&self, stage: Stage, who: &AccountId) -> Product {
		self.trees(stage, who).product(0).unwrap()
	}

	fn answers(&self) -> Vec<user::Answer> {
		let result = self.trees(Stage::Result, &CORD);
		let part =
			|part| user::decrypt(&self.job, &USER, &self.selection, part, &result.values(part).unwrap()).unwrap();
		(0..self.job.contract.output_parts()).flat_map(part).collect()
	}

	fn view(&self, eyes: Eyes) -> View<'_> {
		self.view_with(eyes, &self.blobs)
	}

	fn view_with<'a>(&'a self, eyes: Eyes, blobs: &'a dyn Blobs) -> View<'a> {
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
fn honest() -> Play {
	static HONEST: LazyLock<Play> = LazyLock::new(|| Play::honest(&Question::means()));
	HONEST.clone()
}

fn sums(job: &Job, me: &AccountId, rows: &[Vec<i64>]) -> dp::Sums {
	let mut accumulator = dp::Accumulator::new(job);
	rows.iter().for_each(|row| accumulator.add(row));
	accumulator.finish(job, me).unwrap()
}

/// The same blob under another root, as if the party had committed to it.
fn committed(blob: Vec<u8>, root: H256) -> Published {
	Published { commitment: Commitment { root, blob: digest(&blob) }, blob }
}

fn refusal<T: std::fmt::Debug>(name: &str, result: Result<T, super::ProtocolError>, words: &str) {
	let error = result.expect_err(name).to_string();
	assert!(error.contains(words), "{name}: {error}");
}
