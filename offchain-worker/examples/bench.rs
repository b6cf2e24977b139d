//! What the roles of a job cost, and proofs of faults: the section `bmpc` of `docs/performance.md`, as Markdown on standard
//! output. `scripts/bench bmpc` runs it.

use codec::Encode;
use encrytrust::{
	protocol::{cord, cp, dp, keys::ProvenKeys, user, Job, Published},
	sealing::SealingKey,
};
use encrytrust_chain_client::{AccountId, Contract, Party, Schedule, H256};
use encrytrust_datasets::{scan, ColumnSpec, Source};
use encrytrust_oblivious_transfer as transfer;
use encrytrust_paillier::{key_proof::ProvenKey, KeySize, SecretKey};
use encrytrust_primitives::{
	bmpc::{Column, ComputingParty, DataParty, Endpoint, Parameters, Selection, Stage, TemplateKind},
	fault::{Fault, Producer},
	product_tree::{Child, NodeProof, Shape, Step},
	ring::Ring,
};
use std::{
	fs,
	io::{self, Write},
	path::Path,
	time::{Duration, Instant},
};

/// Columns of the table, and how many are asked for.
const COLUMNS: u16 = 30;
const SELECTED: [u16; 5] = [0, 1, 2, 3, 4];
/// Data providers and computing providers.
const PROVIDERS: usize = 3;
/// Rows of one data provider.
const ROWS: u64 = 1_000_000;
/// Columns of the file that is streamed.
const STREAMED: usize = 5;
/// What a piece of work is repeated for.
const LEAST: Duration = Duration::from_millis(300);

const GENESIS: H256 = H256([1; 32]);
const USER: AccountId = AccountId([2; 32]);
const COORDINATOR: AccountId = AccountId([3; 32]);

fn main() {
	if let Err(error) = run() {
		eprintln!("error: {error}");
		std::process::exit(1);
	}
}

fn run() -> Result<(), Box<dyn std::error::Error>> {
	let keys: Vec<SecretKey> = (0..=PROVIDERS).map(|_| SecretKey::generate(KeySize::Bits2048)).collect();
	let [user, computing @ ..] = keys.as_slice() else { return Err("there is no key".into()) };
	roles(user, computing)?;
	modes(user)?;
	proofs(user)
}

/// A job with three providers of each kind.
fn job(user: &SecretKey, computing: &[SecretKey], selection: &Selection) -> Result<Job, Box<dyn std::error::Error>> {
	let column = |index: u16| Column {
		name: format!("c{index}").into_bytes().try_into().unwrap_or_default(),
		decimals: 3,
		bits: 30,
	};
	let receivers = (0..PROVIDERS).map(computer).chain([COORDINATOR]);
	let receivers: Vec<_> = receivers.map(|who| (who.clone(), sealing(&who).public())).collect();
	let data =
		(0..PROVIDERS as u64).map(|data_set| DataParty { data_set, rows: ROWS, party: party(provider(data_set)) });
	let computing = computing.iter().enumerate().map(|(index, key)| {
		let paillier = key.public().modulus_bytes().try_into().unwrap_or_default();
		ComputingParty { paillier, key_proof: [0; 32], party: party(computer(index)) }
	});
	let contract = Contract {
		user: USER,
		template: 1,
		kind: TemplateKind::ColumnMean,
		parameters: Parameters::None,
		schema: (0..COLUMNS).map(column).collect::<Vec<_>>().try_into().map_err(many)?,
		data: data.collect::<Vec<_>>().try_into().map_err(many)?,
		computing: computing.collect::<Vec<_>>().try_into().map_err(many)?,
		coordinator: party(COORDINATOR),
		user_key: user.public().modulus_bytes().try_into().map_err(many)?,
		user_key_proof: [0; 32],
		selection: user::selection_terms(selection, COLUMNS, GENESIS, &USER, &receivers)?,
		schedule: Schedule { confirm_by: 1, select_by: 2, inputs_by: 3, outputs_by: 4, result_by: 5 },
		challenge_period: 1,
		fee: 1,
		bond: 1,
	};
	Ok(Job::new(1, GENESIS, contract)?)
}

fn many<T>(_: T) -> &'static str {
	"too many"
}

fn provider(index: u64) -> AccountId {
	AccountId([10 + index as u8; 32])
}

fn computer(index: usize) -> AccountId {
	AccountId([50 + index as u8; 32])
}

fn sealing(who: &AccountId) -> SealingKey {
	SealingKey::derive(&who.0)
}

fn party(who: AccountId) -> Party {
	let endpoint = Endpoint { sealing: sealing(&who).public(), peer: [0; 32], address: Default::default() };
	Party { who, pay: 1, endpoint }
}

/// Each role's part of one job.
fn roles(user: &SecretKey, computing: &[SecretKey]) -> Result<(), Box<dyn std::error::Error>> {
	let selection = Selection::new([9; 32], &SELECTED, COLUMNS).ok_or("no selection")?;
	let job = job(user, computing, &selection)?;
	let keys = ProvenKeys::verified(&job);
	let row = vec![123_456i64; COLUMNS.into()];
	let mut rows = Vec::new();
	let mut tell = |role: &str, work: &str, time: Duration, bytes: usize| {
		let rate = ROWS as f64 / time.as_secs_f64();
		let bytes = if bytes == 0 { String::new() } else { thousands(bytes as u64) };
		rows.push(format!("| {role} | {work} | {} | {} | {bytes} |", show(time), thousands(rate as u64)));
	};

	let (published, time) = timed(|| cord::selection(&job, &selection));
	let Published { commitment, blob } = published?;
	tell("coordinator", "selectors and proofs", time, blob.len());
	let (verified, time) = timed(|| dp::read_selection(&job, &keys, &blob, &commitment));
	let verified = verified?;
	tell("data provider", "verify them", time, 0);

	let me = provider(0);
	let mut sums = None;
	let (_, time) = timed(|| {
		let mut accumulator = dp::Accumulator::new(&job);
		(0..ROWS).for_each(|_| accumulator.add(&row));
		sums = Some(accumulator.finish(&job, &me));
	});
	let sums = sums.ok_or("no sums")??;
	tell("data provider", &format!("add up {} rows of {COLUMNS} columns", thousands(ROWS)), time, 0);
	let (inputs, time) = timed(|| dp::inputs(&job, &me, &sealing(&me), &verified, &sums));
	let inputs = inputs?;
	let bytes = inputs.published.blob.len() + inputs.messages.iter().map(Vec::len).sum::<usize>();
	tell("data provider", "mask, split, encrypt and seal all columns", time, bytes);

	let (me, secret) = (computer(0), computing.first().ok_or("no key")?);
	let (checked, time) = timed(|| cp::check_selection(&job, &me, &selection, &blob, &commitment));
	checked?;
	tell("computing provider", "compare its selectors", time, 0);
	let manifest = cp::read_manifest(&job, 0, &inputs.published.blob, &inputs.published.commitment)?;
	let message = inputs.messages.first().ok_or("no message")?;
	let (opened, time) = timed(|| cp::open_inputs(&job, &me, secret, &selection, 0, &manifest, message));
	let opened = opened?;
	tell("computing provider", "open the selected columns of one data provider", time, 0);
	let all = vec![opened; PROVIDERS];
	let (output, time) = timed(|| cp::output(&job, &me, &selection, &all));
	let output = output?;
	tell("computing provider", "re-randomise and multiply", time, output.blob.len());

	let read = || job.read_outputs(Stage::Outputs, "an output", &output.blob, &output.commitment);
	let outputs = (0..PROVIDERS).map(|_| read()).collect::<Result<Vec<_>, _>>()?;
	let (result, time) = timed(|| cord::result(&job, &outputs));
	let result = result?;
	tell("coordinator", "multiply the outputs", time, result.blob.len());
	let result = job.read_outputs(Stage::Result, "the result", &result.blob, &result.commitment)?;
	// One provider's columns three times over are no result: only the time counts.
	let (_, time) = timed(|| user::decrypt(&job, user, &selection, &result).is_ok());
	tell("user", "decrypt", time, 0);

	println!(
		"Means of {} out of {COLUMNS} columns, {PROVIDERS} data and {PROVIDERS} computing providers, 2048 bits. *Rows a second* \
		 are {} rows of one data provider by the role's time: all but adding up takes the same time for any number of rows.\n",
		SELECTED.len(),
		thousands(ROWS)
	);
	println!("| role | work | time | rows a second | bytes published |\n|---|---|---|---|---|");
	rows.iter().for_each(|row| println!("{row}"));
	stream()
}

/// A file that is read as a data provider reads it.
fn stream() -> Result<(), Box<dyn std::error::Error>> {
	let folder = tempfile::tempdir()?;
	let path = folder.path().join("rows.csv");
	write_rows(&path)?;
	let columns: Vec<_> =
		(0..STREAMED).map(|index| ColumnSpec { name: format!("c{index}"), decimals: 3, bits: 30 }).collect();
	let before = peak_memory()?;
	let mut sums = [0i128; STREAMED];
	let began = Instant::now();
	let rows = scan(&Source::Csv { path }, &columns, |row| {
		sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += i128::from(*value));
	})?;
	let time = began.elapsed();
	println!(
		"\nA CSV file of {} rows by {STREAMED} columns is read, checked and added up in {} ({} rows a second); the process's \
		 peak memory grows by {} KiB.",
		thousands(rows),
		show(time),
		thousands((rows as f64 / time.as_secs_f64()) as u64),
		peak_memory()?.saturating_sub(before)
	);
	Ok(())
}

fn write_rows(path: &Path) -> io::Result<()> {
	let mut file = io::BufWriter::new(fs::File::create(path)?);
	writeln!(file, "c0,c1,c2,c3,c4")?;
	for row in 0..ROWS {
		writeln!(file, "{row}.125,-{}.5,{}.001,17.99,0.25", row % 977, row % 31)?;
	}
	file.flush()
}

/// Bulk against direct mode, of one value under the user's key.
fn modes(secret: &SecretKey) -> Result<(), Box<dyn std::error::Error>> {
	const DATA_PROVIDER: [u8; 32] = [4; 32];
	let context = transfer::Context { genesis: [1; 32], job: 1, coordinator: [2; 32], provider: [3; 32] };
	let key = secret.public();
	let chosen = transfer::Selection::new(1, &[0])?;
	let message = transfer::SelectionMessage::prove(&chosen, key, &context);
	let selection = message.verify(&ProvenKey::own(secret), &context, 1, 1)?;
	let value = secret.encrypt(&key.one()).to_bytes();
	println!("\n| a column of `r` ciphertexts | data provider, bulk | computing provider, bulk | data provider, direct | computing provider, direct |\n|---|---|---|---|---|");
	for rows in [1, 10, 100] {
		let column = value.repeat(rows);
		let mut sealed = vec![];
		let (transfers, bulk_answer) = timed(|| {
			sealed.clear();
			transfer::answer(&selection, &DATA_PROVIDER, [(&column[..], &mut sealed)])
		});
		let transfers = transfers?;
		let (opened, bulk_open) = timed(|| {
			transfer::open(secret, &selection, &DATA_PROVIDER, &transfers, |_| (&sealed[..], io::sink())).map(|_| ())
		});
		opened?;
		let (limbs, direct_answer) =
			timed(|| (0..rows).map(|_| transfer::direct::answer(&selection, 0, &value)).collect::<Vec<_>>());
		let (opened, direct_open) =
			timed(|| limbs.iter().try_for_each(|limbs| transfer::direct::open(secret, limbs, value.len()).map(|_| ())));
		opened?;
		let times = [bulk_answer, bulk_open, direct_answer, direct_open].map(show);
		println!("| r = {rows} | {} |", times.join(" | "));
	}
	Ok(())
}

/// Size of the proof that a node is not the product of its children, and what it takes to check, by the tree's leaves.
fn proofs(secret: &SecretKey) -> Result<(), Box<dyn std::error::Error>> {
	let ring = Ring::new(&secret.public().modulus_bytes()).ok_or("no modulus")?;
	let numbers: Vec<Vec<u8>> = (0..3).map(|_| secret.encrypt(&secret.public().one()).to_bytes()).collect();
	let [value, left, right] = numbers.as_slice() else { return Err("no numbers".into()) };
	println!("\n| leaves | proof of a wrong product | check: hash its path, multiply once |\n|---|---|---|");
	for leaves in [3u64, 16, 512, 65_536, 1 << 20] {
		let shape = Shape::new(leaves);
		let child = |value: &Vec<u8>| {
			let value = value.clone().try_into().unwrap_or_default();
			Child { value, left: H256([5; 32]), right: H256([6; 32]) }
		};
		let step = Step { value: H256([7; 32]), sibling: H256([8; 32]) };
		let node = NodeProof {
			level: 1,
			index: 0,
			value: value.clone().try_into().map_err(|_| "too long")?,
			left: child(left).hash(0, 0),
			right: child(right).hash(0, 1),
			path: vec![step; usize::from(shape.height().saturating_sub(1))].try_into().map_err(|_| "too high")?,
			output_path: vec![H256([9; 32]); 3].try_into().map_err(|_| "too high")?,
		};
		let (_, time) = timed(|| {
			let root = node.tree_root(shape).is_ok();
			root && ring.multiply(left, right).as_ref() == Some(value)
		});
		let fault = Fault::Product {
			producer: Producer::Computing(0),
			output: 0,
			node,
			left: child(left),
			right: Some(child(right)),
		};
		println!("| {} | {} bytes | {} |", thousands(leaves), thousands(fault.encoded_size() as u64), show(time));
	}
	Ok(())
}

/// What work results in, and the time of one repetition: the quickest of as many as fit into [`LEAST`].
fn timed<T>(mut work: impl FnMut() -> T) -> (T, Duration) {
	let began = Instant::now();
	let mut best = Duration::MAX;
	loop {
		let start = Instant::now();
		let result = work();
		best = best.min(start.elapsed());
		if began.elapsed() >= LEAST {
			return (result, best);
		}
	}
}

fn show(time: Duration) -> String {
	match time.as_secs_f64() {
		seconds if seconds >= 1.0 => format!("{seconds:.2} s"),
		seconds if seconds >= 1e-3 => format!("{:.1} ms", seconds * 1e3),
		seconds => format!("{:.1} µs", seconds * 1e6),
	}
}

/// `1,234,567`.
fn thousands(number: u64) -> String {
	let digits = number.to_string();
	let mut text = String::new();
	for (index, digit) in digits.chars().enumerate() {
		if index > 0 && (digits.len() - index).is_multiple_of(3) {
			text.push(',');
		}
		text.push(digit);
	}
	text
}

/// The most memory that this process has had, in KiB, as Linux counts it.
fn peak_memory() -> Result<u64, Box<dyn std::error::Error>> {
	let status = fs::read_to_string("/proc/self/status")?;
	let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
	Ok(line.trim().trim_end_matches(" kB").parse()?)
}
