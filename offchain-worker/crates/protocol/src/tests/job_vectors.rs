//! `tests/fixtures/vectors/job.json`: all that is committed to and published in a job, with keys and accounts as long as
//! on a chain, and every secret: `docs/protocol/bmpc.md`.

use super::{
	play::{all_verified, Shelf},
	*,
};
use crate::{data_provider::MaskKeys, sealing::SealingKey};
use codec::Encode;
use encrytrust_secret_sharing::{additive, masks::EphemeralKey};
use encrytrust_types::job::{basis, ComputingParty, DataParty, Endpoint, Party, Schedule, SelectionTerms};
use serde_json::{json, Value};
use std::{fs, path::PathBuf};

fn path() -> PathBuf {
	concat!(env!("CARGO_MANIFEST_DIR"), "/../../../tests/fixtures/vectors/job.json").into()
}

fn read() -> Value {
	serde_json::from_str(&fs::read_to_string(path()).unwrap()).unwrap()
}

fn hex_of(value: &Value) -> Vec<u8> {
	hex::decode(value.as_str().unwrap()).unwrap()
}

fn bytes<const LENGTH: usize>(value: &Value) -> [u8; LENGTH] {
	hex_of(value).try_into().unwrap()
}

fn hash(value: &Value) -> H256 {
	H256(bytes(value))
}

fn account(value: &Value) -> AccountId {
	AccountId(bytes(value))
}

fn list(value: &Value) -> &[Value] {
	value.as_array().unwrap()
}

/// A number that does not fit a JSON number.
fn amount(value: &Value) -> u128 {
	value.as_str().unwrap().parse().unwrap()
}

pub(super) fn secret_key(value: &Value) -> SecretKey {
	SecretKey::from_primes(&hex_of(&value["p"]), &hex_of(&value["q"])).unwrap()
}

fn party(value: &Value) -> Party<AccountId, u128> {
	let endpoint = &value["endpoint"];
	Party {
		who: account(&value["who"]),
		pay: amount(&value["pay"]),
		charges: amount(&value["charges"]),
		endpoint: Endpoint {
			sealing: bytes(&endpoint["sealing"]),
			peer: bytes(&endpoint["peer"]),
			address: endpoint["address"].as_str().unwrap().as_bytes().to_vec().try_into().unwrap(),
		},
	}
}

pub(super) fn schema(columns: &Value) -> Schema {
	let narrow = |value: &Value| value.as_u64().unwrap() as u8;
	let column = |column: &Value| Column {
		name: column["name"].as_str().unwrap().as_bytes().to_vec().try_into().unwrap(),
		decimals: narrow(&column["decimals"]),
		bits: narrow(&column["bits"]),
	};
	list(columns).iter().map(column).collect::<Vec<_>>().try_into().unwrap()
}

fn contract(value: &Value) -> Contract {
	let number = |value: &Value| value.as_u64().unwrap();
	let block = |name: &str| number(&value["schedule"][name]) as u32;
	let data = list(&value["data"]).iter().map(|data| DataParty {
		dataset: number(&data["dataset"]),
		dataset_rows: number(&data["dataset_rows"]),
		first_row: number(&data["first_row"]),
		rows: number(&data["rows"]),
		fingerprint: hash(&data["fingerprint"]),
		party: party(&data["party"]),
	});
	let computing = list(&value["computing"]).iter().map(|computing| ComputingParty {
		paillier: hex_of(&computing["paillier"]).try_into().unwrap(),
		key_proof: bytes(&computing["key_proof"]),
		party: party(&computing["party"]),
	});
	let selection = &value["selection"];
	let sealed = list(&selection["sealed"]).iter().map(|sealed| hex_of(sealed).try_into().unwrap());
	Contract {
		user: account(&value["user"]),
		template: number(&value["template"]) as u16,
		kind: serde_json::from_value(value["kind"].clone()).unwrap(),
		parameters: Parameters::None,
		schema: schema(&value["schema"]),
		data: data.collect::<Vec<_>>().try_into().unwrap(),
		computing: computing.collect::<Vec<_>>().try_into().unwrap(),
		coordinator: party(&value["coordinator"]),
		user_key: hex_of(&value["user_key"]).try_into().unwrap(),
		user_key_proof: bytes(&value["user_key_proof"]),
		selection: SelectionTerms {
			commitment: hash(&selection["commitment"]),
			selected: number(&selection["selected"]) as u16,
			sealed: sealed.collect::<Vec<_>>().try_into().unwrap(),
		},
		schedule: Schedule {
			confirmation: block("confirmation"),
			selection: block("selection"),
			inputs: block("inputs"),
			outputs: block("outputs"),
			result: block("result"),
		},
		challenge_period: number(&value["challenge_period"]) as u32,
		answer_period: number(&value["answer_period"]) as u32,
		charge_per_byte: amount(&value["charge_per_byte"]),
		user_charges: amount(&value["user_charges"]),
		fee: amount(&value["fee"]),
		bond: amount(&value["bond"]),
	}
}

/// A job, with every party's secrets.
struct Known {
	job: Job,
	selection: Selection,
	user: SecretKey,
	computing: Vec<SecretKey>,
	/// By the contract's order of parties.
	sealing: Vec<SealingKey>,
	mask_keys: Vec<EphemeralKey>,
	rows: Vec<Vec<Vec<i64>>>,
}

impl Known {
	fn new(vector: &Value) -> Self {
		let secret = |value: &Value| -> [u8; 32] { bytes(value) };
		let job = Job::new(vector["job"].as_u64().unwrap(), hash(&vector["genesis"]), contract(&vector["contract"]));
		let job = job.unwrap();
		Self {
			selection: selection_of(vector, job.features()),
			job,
			user: secret_key(&vector["keys"]["user"]),
			computing: list(&vector["keys"]["computing"]).iter().map(secret_key).collect(),
			sealing: list(&vector["sealing_seeds"]).iter().map(|seed| SealingKey::derive(&secret(seed))).collect(),
			mask_keys: list(&vector["mask_secrets"])
				.iter()
				.map(|key| EphemeralKey::from_secret(&secret(key)))
				.collect(),
			rows: serde_json::from_value(vector["rows"].clone()).unwrap(),
		}
	}

	fn data(&self, place: usize) -> &AccountId {
		&self.job.contract.data[place].party.who
	}

	fn computing(&self, place: usize) -> &AccountId {
		&self.job.contract.computing[place].party.who
	}

	fn posted_mask_keys(&self) -> Vec<Option<[u8; 32]>> {
		self.mask_keys.iter().map(|key| Some(key.public())).collect()
	}

	fn keys_of(&self, data: usize) -> MaskKeys {
		MaskKeys::new(self.mask_keys[data].clone(), &self.posted_mask_keys()).unwrap()
	}

	/// What a data provider packs, feature by feature.
	fn packed(&self, data: usize) -> Vec<encrytrust_paillier::Plaintext> {
		let sums = sums(&self.job, self.data(data), &self.rows[data]);
		let pack = |feature| data_provider::pack_sums(&self.job, feature, &sums).unwrap();
		(0..self.job.features()).map(pack).collect()
	}

	/// What computing providers and coordinator commit to, if data providers have committed to these inputs.
	fn deliver_outputs(&self, commitments: &mut Vec<Delivered>, blobs: &Shelf) {
		let places = 0..self.computing.len();
		for place in places.clone() {
			let me = self.computing(place);
			let mut output = computing_provider::OutputWriter::new(&self.job, me, &self.selection, blobs).unwrap();
			for data in 0..self.rows.len() {
				let opened = self.opened(place, data, commitments, blobs);
				output.add(data, 0, &opened).unwrap();
			}
			deliver(commitments, Stage::Outputs, me, output.finish().unwrap());
		}
		let trees = places.map(|place| {
			let who = self.computing(place);
			let commitment = of(commitments, Stage::Outputs, who);
			Trees::read(&self.job, blobs, Stage::Outputs, who, &commitment).unwrap()
		});
		let result = coordinator::result(&self.job, &trees.collect::<Vec<_>>(), blobs).unwrap();
		deliver(commitments, Stage::Result, &self.job.contract.coordinator.who, result);
	}

	/// What a computing provider opens of a data provider's inputs, by rank.
	fn opened(&self, place: usize, data: usize, commitments: &[Delivered], blobs: &Shelf) -> Vec<Vec<Vec<u8>>> {
		let keys = all_verified(&self.job);
		let view = self.view(commitments, blobs, &keys, Some(place));
		SealedInputs::new(&view, data).open(0).unwrap()
	}

	fn view<'a>(
		&'a self,
		commitments: &'a [Delivered],
		blobs: &'a Shelf,
		keys: &'a crate::keys::ProvenKeys,
		computing: Option<usize>,
	) -> View<'a> {
		View {
			job: &self.job,
			commitments,
			blobs,
			keys: Some(keys),
			selection: Some(&self.selection),
			computing: computing.map(|place| (place, &self.computing[place])),
		}
	}

	fn answers(&self, commitments: &[Delivered], blobs: &Shelf) -> Value {
		let who = &self.job.contract.coordinator.who;
		let commitment = of(commitments, Stage::Result, who);
		let result = Trees::read(&self.job, blobs, Stage::Result, who, &commitment).unwrap();
		let answers = user::decrypt(&self.job, &self.user, &self.selection, 0, &result.values(0).unwrap()).unwrap();
		answers.iter().map(texts).collect()
	}
}

/// All numbers of an answer as text, in the order of the fields.
pub(super) fn texts(answer: &user::Answer) -> Value {
	let text = |value: &user::Exact| value.to_string();
	match &answer.value {
		user::Value::Sum(sum) | user::Value::WeightedSum(sum) => json!([text(sum)]),
		user::Value::Mean { sum, mean } => json!([text(sum), text(mean)]),
		user::Value::Variance { mean, sample, population } => {
			json!([text(mean), sample.as_ref().map(text), text(population)])
		},
		user::Value::Covariance { means: [a, b], sample, population } => {
			json!([text(a), text(b), sample.as_ref().map(text), text(population)])
		},
		user::Value::Histogram(counts) => counts.iter().map(ToString::to_string).collect(),
		user::Value::Row { data, row, sum } => json!([data.to_string(), row.to_string(), text(sum)]),
	}
}

fn selection_of(vector: &Value, features: u16) -> Selection {
	let chosen: Vec<u16> = serde_json::from_value(vector["selection"]["features"].clone()).unwrap();
	Selection::new(bytes(&vector["selection"]["salt"]), &chosen, features).unwrap()
}

fn deliver(commitments: &mut Vec<Delivered>, stage: Stage, who: &AccountId, commitment: Commitment) {
	commitments.push(Delivered { stage, who: who.clone(), at: 0, commitment });
}

fn of(commitments: &[Delivered], stage: Stage, who: &AccountId) -> Commitment {
	let delivered = commitments.iter().find(|delivered| delivered.stage == stage && delivered.who == *who);
	delivered.unwrap().commitment
}

fn delivered(vector: &Value) -> Vec<Delivered> {
	let read = |delivery: &Value| Delivered {
		stage: serde_json::from_value(delivery["stage"].clone()).unwrap(),
		who: account(&delivery["account"]),
		at: 0,
		commitment: Commitment { root: hash(&delivery["root"]), blob: bytes(&delivery["blob"]) },
	};
	list(&vector["deliveries"]).iter().map(read).collect()
}

fn published(vector: &Value) -> Shelf {
	let blobs = Shelf::default();
	list(&vector["blobs"]).iter().for_each(|blob| blobs.keep(&hex_of(blob)).unwrap());
	blobs
}

/// What follows from the inputs and from what was drawn at random.
fn compute(vector: &Value) -> Value {
	let mut computed = vector.clone();
	let known = Known::new(vector);
	let contract = &known.job.contract;
	let contract_hash = contract.hash(&known.job.genesis, known.job.id);
	computed["encoded_contract"] = json!(hex::encode(contract.encode()));
	computed["contract_hash"] = json!(hex::encode(contract_hash));
	computed["mask_keys"] = known.mask_keys.iter().map(|key| hex::encode(key.public())).collect();
	let packed = |data| known.packed(data).iter().map(|packed| hex::encode(packed.to_bytes())).collect::<Value>();
	computed["packed"] = (0..known.rows.len()).map(packed).collect();

	let blobs = published(vector);
	let mut commitments = delivered(vector);
	commitments.retain(|delivered| delivered.stage <= Stage::Inputs);
	let made = blobs.clone();
	known.deliver_outputs(&mut commitments, &made);
	computed["answers"] = known.answers(&commitments, &made);
	let new = made.0.into_inner().unwrap().into_values().filter(|blob| !blobs.has(&digest(blob)));
	let old = list(&vector["blobs"]).iter().cloned();
	computed["blobs"] = old.chain(new.map(|blob| json!(hex::encode(blob)))).collect();
	computed["deliveries"] = commitments
		.iter()
		.map(|delivered| {
			let basis = basis(contract_hash, &known.posted_mask_keys(), delivered.stage, &commitments);
			json!({
				"stage": delivered.stage,
				"account": hex::encode(delivered.who.0),
				"basis": hex::encode(basis),
				"root": hex::encode(delivered.commitment.root),
				"blob": hex::encode(delivered.commitment.blob),
			})
		})
		.collect();
	computed
}

#[test]
fn job_is_made_as_written_down() {
	let vector = read();
	assert!(compute(&vector) == vector, "other bytes: has the protocol's version changed?");
}

#[test]
fn written_down_selection_opens_for_its_receivers() {
	let known = Known::new(&read());
	for (place, key) in known.sealing.iter().skip(known.rows.len()).enumerate() {
		let opened = match place < known.computing.len() {
			true => computing_provider::open_request(&known.job, known.computing(place), key),
			false => coordinator::open_request(&known.job, key),
		};
		assert_eq!(opened.unwrap(), known.selection);
	}
	let parties = known.job.contract.parties().map(|(_, party)| party.endpoint.sealing);
	assert!(parties.eq(known.sealing.iter().map(SealingKey::public)));
}

#[test]
fn written_down_job_has_no_fault() {
	let vector = read();
	let known = Known::new(&vector);
	let commitments = delivered(&vector);
	let blobs = published(&vector);
	let keys = all_verified(&known.job);
	for computing in [None, Some(0), Some(1)] {
		let view = known.view(&commitments, &blobs, &keys, computing);
		for stage in Stage::ALL.into_iter().skip(1) {
			let findings = verification::check(&view, stage);
			assert!(!findings.is_empty());
			for finding in findings {
				use verification::Outcome::{Holds, Unseen};
				assert!(matches!(finding.outcome, Holds | Unseen(_)), "{finding:?}");
			}
		}
	}
}

#[test]
fn written_down_segments_add_up_to_masked_sums() {
	let vector = read();
	let known = Known::new(&vector);
	let commitments = delivered(&vector);
	let blobs = published(&vector);
	let key = known.user.public();
	for data in 0..known.rows.len() {
		let masks = data_provider::masks(&known.job, known.data(data), &known.keys_of(data)).unwrap();
		let opened: Vec<_> =
			(0..known.computing.len()).map(|place| known.opened(place, data, &commitments, &blobs)).collect();
		for (rank, feature) in known.selection.features().into_iter().enumerate() {
			let segments = opened.iter().map(|opened| known.user.decrypt(&key.ciphertext(&opened[rank][0]).unwrap()));
			let sum = additive::combine(key, &segments.collect::<Vec<_>>());
			let packed = &known.packed(data)[usize::from(feature)];
			assert_eq!(sum, key.add_plain(packed, &masks.mask(key, feature.into(), 0)));
		}
	}
}

/// Writes the fixture again, for a new version of the protocol: with the same secrets, and whatever is drawn at random.
#[test]
#[ignore = "writes the file that the other tests read"]
fn write() {
	let mut vector = read();
	let keys = vector["keys"].clone();
	let modulus = |key: &Value| json!(hex::encode(secret_key(key).public().modulus_bytes()));
	let sealing: Vec<_> =
		list(&vector["sealing_seeds"]).iter().map(|seed| SealingKey::derive(&bytes(seed)).public()).collect();
	let contract = &mut vector["contract"];
	contract["user_key"] = modulus(&keys["user"]);
	let mut endpoints = sealing.iter();
	for role in ["data", "computing"] {
		for party in contract[role].as_array_mut().unwrap() {
			party["party"]["endpoint"]["sealing"] = json!(hex::encode(endpoints.next().unwrap()));
		}
	}
	contract["coordinator"]["endpoint"]["sealing"] = json!(hex::encode(endpoints.next().unwrap()));
	for (computing, key) in contract["computing"].as_array_mut().unwrap().iter_mut().zip(list(&keys["computing"])) {
		computing["paillier"] = modulus(key);
	}
	seal_selection(&mut vector);
	vector["deliveries"] = json!([]);
	vector["blobs"] = json!([]);

	let known = Known::new(&vector);
	let blobs = Shelf::default();
	let selection = coordinator::selection(&known.job, &known.selection).unwrap();
	blobs.keep(&selection.blob).unwrap();
	let mut commitments = Vec::new();
	deliver(&mut commitments, Stage::Selection, &known.job.contract.coordinator.who, selection.commitment);
	let keys = all_verified(&known.job);
	let selections = data_provider::read_selection(&known.job, &keys, &selection.blob, &selection.commitment).unwrap();
	for (data, rows) in known.rows.iter().enumerate() {
		let (me, keys) = (known.data(data), known.keys_of(data));
		let mut inputs = data_provider::InputsWriter::new(&known.job, me, &keys, &selections, &blobs).unwrap();
		rows.iter().try_for_each(|row| inputs.add(row)).unwrap();
		deliver(&mut commitments, Stage::Inputs, me, inputs.finish().unwrap());
	}
	vector["deliveries"] = commitments
		.iter()
		.map(|delivered| {
			json!({
				"stage": delivered.stage,
				"account": hex::encode(delivered.who.0),
				"root": hex::encode(delivered.commitment.root),
				"blob": hex::encode(delivered.commitment.blob),
			})
		})
		.collect();
	vector["blobs"] = blobs.0.into_inner().unwrap().into_values().map(|blob| json!(hex::encode(blob))).collect();
	let computed = compute(&vector);
	fs::write(path(), serde_json::to_string_pretty(&computed).unwrap() + "\n").unwrap();
}

fn seal_selection(vector: &mut Value) {
	let contract = &mut vector["contract"];
	let features = contract["schema"].as_array().unwrap().len() as u16;
	let parties = list(&contract["computing"]).iter().map(|computing| &computing["party"]);
	let receivers = parties.chain([&contract["coordinator"]]).map(party);
	let receivers: Vec<_> = receivers.map(|party| (party.who, party.endpoint.sealing)).collect();
	let user = account(&contract["user"]);
	let genesis = hash(&vector["genesis"]);
	let selection = selection_of(vector, features);
	let terms = user::selection_terms(&selection, features, genesis, &user, &receivers).unwrap();
	vector["contract"]["selection"] = json!({
		"commitment": hex::encode(terms.commitment),
		"selected": terms.selected,
		"sealed": terms.sealed.iter().map(hex::encode).collect::<Value>(),
	});
}
