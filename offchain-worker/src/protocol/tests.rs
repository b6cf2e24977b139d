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
	watch::{self, View},
	Job, Published,
};
use crate::sealing::SealingKey;
use encrytrust_blob_store::digest;
use encrytrust_chain_client::{AccountId, Balance, Contract, Delivered, Party, Schedule, H256};
use encrytrust_paillier::{KeySize, SecretKey};
use encrytrust_primitives::bmpc::{
	Column, ComputingParty, DataParty, Endpoint, Parameters, Selection, Stage, TemplateKind,
};
use std::{collections::HashMap, sync::LazyLock};

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
		Play { question: self.clone(), job, selection, keys, blobs: HashMap::new(), commitments: Vec::new() }
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

/// A job and everything that was published of it.
#[derive(Clone)]
struct Play {
	question: Question,
	job: Job,
	selection: Selection,
	keys: ProvenKeys,
	blobs: HashMap<[u8; 32], Vec<u8>>,
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

	fn publish(&mut self, stage: Stage, who: AccountId, published: Published) {
		let at = 10 + self.commitments.len() as u32;
		self.commitments.push(Delivered { stage, who, at, commitment: published.commitment });
		self.blobs.insert(published.commitment.blob, published.blob);
	}

	fn published(&self, stage: Stage, who: &AccountId) -> Published {
		watch::published(&self.view(Eyes::Stranger), stage, who).unwrap()
	}

	/// Another commitment of a party, with its blob.
	fn replace(&mut self, stage: Stage, who: &AccountId, published: Published) {
		self.commitments.retain(|delivered| (delivered.stage, &delivered.who) != (stage, who));
		self.publish(stage, who.clone(), published);
	}

	fn select(&mut self, cheat: Option<Cheat>) {
		let opened = cord::open_request(&self.job, &sealing(&CORD)).unwrap();
		let selection = cheat.map_or_else(|| opened.clone(), |cheat| cheat.selection(&self.job, opened.clone()));
		let published = cord::selection(&self.job, &selection).unwrap();
		self.publish(Stage::Selection, CORD, published);
	}

	/// The first data provider may cheat.
	fn inputs(&mut self, cheat: Option<Cheat>) {
		let Published { commitment, blob } = self.published(Stage::Selection, &CORD);
		let selections = dp::read_selection(&self.job, &self.keys, &blob, &commitment).unwrap();
		for (index, rows) in self.question.data.clone().into_iter().enumerate() {
			let me = dp(index);
			let sums = sums(&self.job, &me, &rows);
			let mut inputs = dp::inputs(&self.job, &me, &sealing(&me), &selections, &sums).unwrap();
			if let Some(cheat) = cheat.filter(|_| index == 0) {
				inputs = cheat.inputs(&self.job, inputs).unwrap();
			}
			self.blobs.extend(inputs.messages.into_iter().map(|message| (digest(&message), message)));
			self.publish(Stage::Inputs, me, inputs.published);
		}
	}

	/// What a computing provider opens of all data providers.
	fn opened(&self, index: usize) -> Vec<cp::Inputs> {
		let me = cp(index);
		let selection = cp::open_request(&self.job, &me, &sealing(&me)).unwrap();
		let selected = self.published(Stage::Selection, &CORD);
		cp::check_selection(&self.job, &me, &selection, &selected.blob, &selected.commitment).unwrap();
		let open = |data: usize| {
			let published = self.published(Stage::Inputs, &dp(data));
			let manifest = cp::read_manifest(&self.job, data, &published.blob, &published.commitment).unwrap();
			let message = &self.blobs[&manifest.messages[index]];
			cp::open_inputs(&self.job, &me, &COMPUTING[index], &selection, data, &manifest, message).unwrap()
		};
		(0..self.question.data.len()).map(open).collect()
	}

	/// The first computing provider may cheat.
	fn outputs(&mut self, cheat: Option<(Cheat, Option<&[u8]>)>) {
		for index in 0..self.question.computers {
			let output = cp::output(&self.job, &cp(index), &self.selection, &self.opened(index)).unwrap();
			let output = match cheat.filter(|_| index == 0) {
				Some((cheat, previous)) => cheat.output(&self.job, output, previous).unwrap(),
				None => output,
			};
			self.publish(Stage::Outputs, cp(index), output);
		}
	}

	fn result(&mut self, cheat: Option<Cheat>) {
		let read = |index: usize| self.outputs_of(Stage::Outputs, &cp(index));
		let outputs: Vec<_> = (0..self.question.computers).map(read).collect();
		let result = cord::result(&self.job, &outputs).unwrap();
		let result = match cheat {
			Some(cheat) => cheat.result(&self.job, result).unwrap(),
			None => result,
		};
		self.publish(Stage::Result, CORD, result);
	}

	fn outputs_of(&self, stage: Stage, who: &AccountId) -> super::Outputs {
		let published = self.published(stage, who);
		self.job.read_outputs(stage, "outputs", &published.blob, &published.commitment).unwrap()
	}

	fn answers(&self) -> Vec<user::Answer> {
		user::decrypt(&self.job, &USER, &self.selection, &self.outputs_of(Stage::Result, &CORD)).unwrap()
	}

	fn view(&self, eyes: Eyes) -> View<'_> {
		self.view_with(eyes, &self.blobs)
	}

	fn view_with<'a>(&'a self, eyes: Eyes, blobs: &'a dyn watch::Blobs) -> View<'a> {
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
	let commitment = encrytrust_primitives::bmpc::Commitment { root, blob: digest(&blob) };
	Published { commitment, blob }
}

fn refusal<T: std::fmt::Debug>(name: &str, result: Result<T, super::ProtocolError>, words: &str) {
	let error = result.expect_err(name).to_string();
	assert!(error.contains(words), "{name}: {error}");
}
