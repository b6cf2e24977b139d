//! What the roles of a job cost, and proofs of faults: the section `bmpc` of `docs/performance.md`, as Markdown on standard
//! output. `scripts/bench bmpc` runs it. `--rows N,…` runs row-wise work of these sizes alone, as in `--rows 1000000`, and
//! `--max-publication BYTES` behind it lowers the limit above which work is split; `--roles` runs the roles of a job over columns
//! alone.

use codec::Encode;
use encrytrust_blob_store::BlobStore;
use encrytrust_datasets::{scan, try_scan, ColumnSpec, Source};
use encrytrust_fault_proofs::big_integers::Native;
use encrytrust_fault_proofs::{
	product_tree::{Child, NodeProof, Step},
	ring::Ring,
	Fault, Producer,
};
use encrytrust_oblivious_transfer as transfer;
use encrytrust_paillier::{key_proof::ProvenKey, KeySize, SecretKey};
use encrytrust_protocol::{
	chain::{AccountId, Contract, Delivered, Party, Schedule, H256},
	computing_provider, coordinator,
	data_provider::{self, EphemeralKey, MaskKeys},
	keys::{verify_keys, Evidence, ProvenKeys},
	sealing::SealingKey,
	user,
	verification::{self, SealedInputs, View},
	Blobs, Job, ProgressBlobs, ProtocolError, Published, Store, Trees,
};
use encrytrust_types::{
	dataset::Column,
	job::{
		Commitment, ComputingParty, DataParty, Endpoint, Parameters, RowRange, Selection, Stage, TemplateKind,
		TreeShape,
	},
	limits::{MAX_UNITS, MAX_UNIT_CHUNKS},
	JobId,
};
use std::{
	cell::RefCell,
	fs,
	io::{self, Write},
	path::{Path, PathBuf},
	time::{Duration, Instant},
};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Columns of the table, and how many are asked for.
const COLUMNS: u16 = 30;
const SELECTED: [u16; 5] = [0, 1, 2, 3, 4];
/// Data providers and computing providers.
const PROVIDERS: usize = 3;
/// Rows of one data provider.
const ROWS: u64 = 1_000_000;
/// Columns of the file that is streamed.
const STREAMED: u16 = 5;
/// Computing providers of a row-wise job.
const ROW_PROVIDERS: usize = 2;
/// Rows of row-wise work, unless others are asked for.
const ROW_WORK: [u64; 2] = [10_000, 100_000];
/// The bytes that a job may have to publish on chain: the runtime's `MaxPublication`.
const MAX_PUBLICATION: u64 = 64 << 20;
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

fn run() -> Result<()> {
	let keys: Vec<SecretKey> = (0..=PROVIDERS).map(|_| SecretKey::generate(KeySize::Bits2048)).collect();
	let [user, computing @ ..] = keys.as_slice() else { return Err("there is no key".into()) };
	let arguments: Vec<String> = std::env::args().skip(1).collect();
	let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
	match arguments.as_slice() {
		[] => {
			roles(user, computing)?;
			row_work(user, computing, &ROW_WORK, MAX_PUBLICATION)?;
			modes(user)?;
			proofs(user)
		},
		["--roles"] => roles(user, computing),
		["--rows", sizes] => row_work(user, computing, &numbers(sizes)?, MAX_PUBLICATION),
		["--rows", sizes, "--max-publication", bytes] => row_work(user, computing, &numbers(sizes)?, bytes.parse()?),
		_ => Err("usage: bench [--roles | --rows N,… [--max-publication BYTES]]".into()),
	}
}

fn numbers(list: &str) -> Result<Vec<u64>> {
	Ok(list.split(',').map(str::parse).collect::<std::result::Result<Vec<_>, _>>()?)
}

/// Who computes what over how many columns.
struct Question<'a> {
	job: JobId,
	kind: TemplateKind,
	/// Of each data provider the rows, and which of them the job is about.
	data: &'a [(u64, RowRange)],
	columns: u16,
}

fn all_rows(rows: u64) -> (u64, RowRange) {
	(rows, RowRange { first: 0, count: rows })
}

/// A job with a computing provider for each key.
fn job(question: &Question, user: &SecretKey, computing: &[SecretKey], selection: &Selection) -> Result<Job> {
	let column = |index: u16| Column {
		name: format!("c{index}").into_bytes().try_into().unwrap_or_default(),
		decimals: 3,
		bits: 30,
	};
	let receivers = (0..computing.len()).map(computer).chain([COORDINATOR]);
	let receivers: Vec<_> = receivers.map(|who| (who.clone(), sealing(&who).public())).collect();
	let data = (0u64..).zip(question.data);
	let data = data.map(|(dataset, (rows, range))| DataParty {
		dataset,
		dataset_rows: *rows,
		first_row: range.first,
		rows: range.count,
		fingerprint: H256::zero(),
		party: party(provider(dataset)),
	});
	let computing = computing.iter().enumerate().map(|(index, key)| {
		let paillier = key.public().modulus_bytes().try_into().unwrap_or_default();
		ComputingParty { paillier, key_proof: [0; 32], party: party(computer(index)) }
	});
	let contract = Contract {
		user: USER,
		template: 1,
		kind: question.kind,
		parameters: Parameters::None,
		schema: (0..question.columns).map(column).collect::<Vec<_>>().try_into().map_err(many)?,
		data: data.collect::<Vec<_>>().try_into().map_err(many)?,
		computing: computing.collect::<Vec<_>>().try_into().map_err(many)?,
		coordinator: party(COORDINATOR),
		user_key: user.public().modulus_bytes().try_into().map_err(many)?,
		user_key_proof: [0; 32],
		selection: user::selection_terms(selection, question.columns, GENESIS, &USER, &receivers)?,
		schedule: Schedule::uniform(60),
		challenge_period: 1,
		answer_period: 60,
		charge_per_byte: 0,
		user_charges: 0,
		fee: 1,
		bond: 1,
	};
	Ok(Job::new(question.job, GENESIS, contract)?)
}

fn many<T>(_: T) -> &'static str {
	"too many"
}

/// Where a bench keeps what is published, on disk as a worker does.
struct Shelf {
	blobs: BlobStore,
}

impl Blobs for Shelf {
	fn blob(&self, digest: &[u8; 32]) -> Option<Vec<u8>> {
		self.blobs.get(digest).ok().flatten()
	}

	fn has(&self, digest: &[u8; 32]) -> bool {
		self.blobs.has(digest).unwrap_or_default()
	}
}

impl Store for Shelf {
	fn keep(&self, blob: &[u8]) -> io::Result<()> {
		self.blobs.put(blob).map(|_| ()).map_err(io::Error::other)
	}
}

fn shelf(folder: &Path) -> Result<Shelf> {
	Ok(Shelf { blobs: BlobStore::open(folder)? })
}

/// The keys of a job: nobody else's are used here.
fn own_keys(job: &Job) -> Result<ProvenKeys> {
	Ok(verify_keys(job, |_| Ok::<_, ProtocolError>(Evidence::VerifiedBefore))?)
}

fn delivered(stage: Stage, who: AccountId, commitment: Commitment) -> Delivered {
	Delivered { stage, who, at: 1, commitment }
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

/// The mask keys of a job for the data provider with this index.
fn mask_keys(job: &Job, index: usize) -> Result<MaskKeys> {
	let key = |index: usize| EphemeralKey::from_secret(&[1 + index as u8; 32]);
	let posted: Vec<_> = (0..job.contract.data.len()).map(|index| Some(key(index).public())).collect();
	Ok(MaskKeys::new(key(index), &posted)?)
}

fn party(who: AccountId) -> Party {
	let endpoint = Endpoint { sealing: sealing(&who).public(), peer: [0; 32], address: Default::default() };
	Party { who, pay: 1, charges: 0, endpoint }
}

/// Each role's part of one job.
fn roles(user: &SecretKey, computing: &[SecretKey]) -> Result<()> {
	let selection = Selection::new([9; 32], &SELECTED, COLUMNS).ok_or("no selection")?;
	let data = [all_rows(ROWS); PROVIDERS];
	let question = Question { job: 1, kind: TemplateKind::ColumnMean, data: &data, columns: COLUMNS };
	let job = job(&question, user, computing, &selection)?;
	let keys = own_keys(&job)?;
	let folder = tempfile::tempdir()?;
	let shelf = shelf(folder.path())?;
	let row = vec![123_456i64; COLUMNS.into()];
	let mut rows = Vec::new();
	let mut tell = |role: &str, work: &str, time: Duration, bytes: u64| {
		let rate = ROWS as f64 / time.as_secs_f64();
		let bytes = if bytes == 0 { String::new() } else { thousands(bytes) };
		rows.push(format!("| {role} | {work} | {} | {} | {bytes} |", show(time), thousands(rate as u64)));
	};
	let stored = || shelf.blobs.stats().map(|stats| stats.bytes);

	let (published, time) = timed(|| coordinator::selection(&job, &selection));
	let Published { commitment, blob } = published?;
	tell("coordinator", "selectors and proofs", time, blob.len() as u64);
	let (verified, time) = timed(|| data_provider::read_selection(&job, &keys, &blob, &commitment));
	let verified = verified?;
	tell("data provider", "verify them", time, 0);

	let (added, time) = timed(|| {
		let mut sums = data_provider::Accumulator::new(&job);
		(0..ROWS).try_for_each(|_| sums.add(&row)).map(|()| sums.rows())
	});
	added?;
	tell("data provider", &format!("add up {} rows of {COLUMNS} columns", thousands(ROWS)), time, 0);
	let mut commitments = Vec::new();
	for index in 0..PROVIDERS as u64 {
		let me = provider(index);
		let before = stored()?;
		let keys = mask_keys(&job, index as usize)?;
		let mut inputs = data_provider::InputsWriter::new(&job, &me, &keys, &verified, &shelf)?;
		(0..ROWS).try_for_each(|_| inputs.add(&row))?;
		let start = Instant::now();
		let commitment = inputs.finish()?;
		if index == 0 {
			let work = "mask, split, encrypt and seal all columns";
			tell("data provider", work, start.elapsed(), stored()?.saturating_sub(before));
		}
		commitments.push(delivered(Stage::Inputs, me, commitment));
	}

	let secret = computing.first().ok_or("no key")?;
	let me = computer(0);
	let (checked, time) = timed(|| computing_provider::check_selection(&job, &me, &selection, &blob, &commitment));
	checked?;
	tell("computing provider", "compare its selectors", time, 0);
	for (index, secret) in computing.iter().enumerate() {
		let view = view(&job, &commitments, &shelf, &selection, Some((index, secret)));
		let opened = (0..PROVIDERS).map(|data| SealedInputs::new(&view, data).open(0));
		let opened = opened.collect::<std::result::Result<Vec<_>, _>>()?;
		let me = computer(index);
		let before = stored()?;
		let start = Instant::now();
		let mut output = computing_provider::OutputWriter::new(&job, &me, &selection, &shelf)?;
		opened.iter().enumerate().try_for_each(|(data, opened)| output.add(data, 0, opened))?;
		let commitment = output.finish()?;
		if index == 0 {
			let bytes = stored()?.saturating_sub(before);
			tell("computing provider", "re-randomise and multiply", start.elapsed(), bytes);
		}
		commitments.push(delivered(Stage::Outputs, me, commitment));
	}
	let view = view(&job, &commitments, &shelf, &selection, Some((0, secret)));
	let (_, time) = timed(|| SealedInputs::new(&view, 0).open(0).is_ok());
	tell("computing provider", "open the selected columns of one data provider", time, 0);

	let read = |index| verification::published_trees(&view, Stage::Outputs, &computer(index));
	let outputs = (0..PROVIDERS).map(read).collect::<std::result::Result<Vec<_>, _>>()?;
	let (result, time) = timed(|| coordinator::result(&job, &outputs, &shelf));
	tell("coordinator", "multiply the outputs", time, 0);
	let result = Trees::read(&job, &shelf, Stage::Result, &COORDINATOR, &result?)?.values(0)?;
	let (answers, time) = timed(|| user::decrypt(&job, user, &selection, 0, &result));
	answers?;
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

fn view<'a>(
	job: &'a Job,
	commitments: &'a [Delivered],
	shelf: &'a Shelf,
	selection: &'a Selection,
	computing: Option<(usize, &'a SecretKey)>,
) -> View<'a> {
	View { job, commitments, blobs: shelf, keys: None, selection: Some(selection), computing }
}

/// Row-wise work over a file, streamed from end to end.
fn row_work(user: &SecretKey, computing: &[SecretKey], sizes: &[u64], max_publication: u64) -> Result<()> {
	let computing = computing.get(..ROW_PROVIDERS).ok_or("too few keys")?;
	println!(
		"\nSums of rows over {STREAMED} columns, one data and {ROW_PROVIDERS} computing providers, 2048 bits, from a CSV file to \
		 the user's numbers, all blobs on disk: rows a second by role over all jobs that the work is split into, each of which \
		 may have to publish {} bytes, and the most memory that the process has had.\n",
		thousands(max_publication)
	);
	println!(
		"| rows | jobs | blocks | data provider | each computing provider | check of its trees | coordinator | user | bytes \
		 published | by the largest job | peak memory |\n|---|---|---|---|---|---|---|---|---|---|---|"
	);
	for rows in sizes {
		let folder = tempfile::tempdir()?;
		let file = folder.path().join("rows.csv");
		write_rows(&file, *rows)?;
		let all: Vec<u16> = (0..STREAMED).collect();
		let selection = Selection::new([9; 32], &all, STREAMED).ok_or("no selection")?;
		RowWork { user, computing, selection, rows: *rows, file }.play(max_publication)?;
	}
	Ok(())
}

/// The sums of all rows of a file, asked for as `encrytrust job request` does.
struct RowWork<'a> {
	user: &'a SecretKey,
	computing: &'a [SecretKey],
	selection: Selection,
	rows: u64,
	file: PathBuf,
}

/// What one job or several took and gave.
#[derive(Default)]
struct Played {
	data_provider: Duration,
	/// Each of them.
	computing_provider: Duration,
	check: Duration,
	coordinator: Duration,
	user: Duration,
	bytes: u64,
	/// Of all numbers that the user has.
	sum: i128,
}

impl RowWork<'_> {
	fn play(&self, max_publication: u64) -> Result<()> {
		let jobs = self.split(max_publication)?;
		let mut all = Played::default();
		let mut largest = 0;
		for (index, job) in jobs.iter().enumerate() {
			eprintln!("job {} of {}", index + 1, jobs.len());
			let played = self.job(job)?;
			largest = largest.max(played.bytes);
			all.add(&played);
		}
		let sum = self.sum_of_file()?;
		if all.sum != sum {
			return Err(format!("the rows' sums make up {}, the file {sum}", all.sum).into());
		}
		let blocks = jobs.iter().map(|job| u64::from(job.contract.outputs())).sum();
		let mut cells = vec![thousands(self.rows), thousands(jobs.len() as u64), thousands(blocks)];
		let times = [all.data_provider, all.computing_provider, all.check, all.coordinator, all.user];
		cells.extend(times.map(|time| thousands((self.rows as f64 / time.as_secs_f64()) as u64)));
		cells.extend([all.bytes, largest].map(thousands));
		cells.push(format!("{} KiB", thousands(peak_memory()?)));
		println!("| {} |", cells.join(" | "));
		Ok(())
	}

	/// The fewest jobs over ranges of rows that the chain takes, cut between blocks as `encrytrust job request` cuts them.
	fn split(&self, max_publication: u64) -> Result<Vec<Job>> {
		let (_, all) = all_rows(self.rows);
		let per_block = self.over(0, all)?.contract.packing().rows_per_block().ok_or("no row-wise template")?.max(1);
		let blocks = self.rows.div_ceil(per_block);
		for count in 1..=blocks {
			let row = |place: u64| (blocks * place / count * per_block).min(self.rows);
			let part = |index| self.over(index, RowRange { first: row(index), count: row(index + 1) - row(index) });
			let jobs = (0..count).map(part).collect::<Result<Vec<_>>>()?;
			if jobs.iter().all(|job| fits(&job.contract, max_publication)) {
				return Ok(jobs);
			}
		}
		Err("a job over a single block is too large".into())
	}

	/// The job over a range of the rows.
	fn over(&self, id: JobId, range: RowRange) -> Result<Job> {
		let data = [(self.rows, range)];
		let question = Question { job: id, kind: TemplateKind::RowSum, data: &data, columns: STREAMED };
		job(&question, self.user, self.computing, &self.selection)
	}

	/// Plays a job, from the whole file, as its provider reads it, to the user's numbers. Its blobs are gone afterwards.
	fn job(&self, job: &Job) -> Result<Played> {
		let folder = tempfile::tempdir()?;
		let shelf = shelf(folder.path())?;
		let mut played = Played::default();
		let Published { commitment, blob } = coordinator::selection(job, &self.selection)?;
		let verified = data_provider::read_selection(job, &own_keys(job)?, &blob, &commitment)?;

		let me = provider(0);
		let start = Instant::now();
		let mut read = Progress::new("data provider", Some(self.rows));
		let keys = mask_keys(job, 0)?;
		let mut inputs = data_provider::InputsWriter::new(job, &me, &keys, &verified, &shelf)?;
		try_scan(&Source::Csv { path: self.file.clone() }, &specs(), |row| -> Result<()> {
			inputs.add(row)?;
			read.advance(1);
			Ok(())
		})?;
		let published = inputs.finish()?;
		let mut commitments = vec![delivered(Stage::Inputs, me, published)];
		played.data_provider = start.elapsed();

		let parts = job.contract.parts(0);
		let start = Instant::now();
		for (index, secret) in self.computing.iter().enumerate() {
			let view = view(job, &commitments, &shelf, &self.selection, Some((index, secret)));
			let mut opened = Progress::new(&format!("computing provider {}", index + 1), Some(parts.into()));
			let sealed = SealedInputs::new(&view, 0);
			let mut output = computing_provider::OutputWriter::new(job, &computer(index), &self.selection, &shelf)?;
			for part in 0..parts {
				output.add(0, part, &sealed.open(part)?)?;
				opened.advance(1);
			}
			let output = output.finish()?;
			commitments.push(delivered(Stage::Outputs, computer(index), output));
		}
		played.computing_provider = start.elapsed() / ROW_PROVIDERS as u32;

		let view = view(job, &commitments, &shelf, &self.selection, None);
		let start = Instant::now();
		let read = RefCell::new(Progress::new("blobs read to check the trees", None));
		let told = ProgressBlobs { blobs: &shelf, on_read: || read.borrow_mut().advance(1) };
		let findings = verification::check(&View { blobs: &told, ..view }, Stage::Outputs);
		let wrong = findings.into_iter().find(|finding| finding.outcome != verification::Outcome::Holds);
		if let Some(wrong) = wrong {
			return Err(format!("an honest computing provider is found wrong: {wrong:?}").into());
		}
		played.check = start.elapsed() / ROW_PROVIDERS as u32;

		let start = Instant::now();
		let read = |index| verification::published_trees(&view, Stage::Outputs, &computer(index));
		let outputs = (0..self.computing.len()).map(read).collect::<std::result::Result<Vec<_>, _>>()?;
		let result = coordinator::result(job, &outputs, &shelf)?;
		played.coordinator = start.elapsed();

		let start = Instant::now();
		let trees = Trees::read(job, &shelf, Stage::Result, &COORDINATOR, &result)?;
		let mut decrypted = Progress::new("user", Some(job.contract.output_parts().into()));
		for part in 0..job.contract.output_parts() {
			for answer in user::decrypt(job, self.user, &self.selection, part, &trees.values(part)?)? {
				played.sum += encrytrust_paillier::fixed_point::parse(&answer.value.to_string(), 3)?;
			}
			decrypted.advance(1);
		}
		played.user = start.elapsed();
		played.bytes = shelf.blobs.stats()?.bytes;
		Ok(played)
	}

	fn sum_of_file(&self) -> Result<i128> {
		let mut sum = 0;
		scan(&Source::Csv { path: self.file.clone() }, &specs(), |row| {
			sum += row.iter().map(|value| i128::from(*value)).sum::<i128>();
		})?;
		Ok(sum)
	}
}

impl Played {
	fn add(&mut self, other: &Self) {
		self.data_provider += other.data_provider;
		self.computing_provider += other.computing_provider;
		self.check += other.check;
		self.coordinator += other.coordinator;
		self.user += other.user;
		self.bytes += other.bytes;
		self.sum += other.sum;
	}
}

/// Whether the chain takes a job with these limits, see `check_publication_limits` in `pallets/bmpc/src/impls/request.rs`.
fn fits(contract: &Contract, max_publication: u64) -> bool {
	let is_short = |unit| contract.unit_chunks(&unit) <= MAX_UNIT_CHUNKS;
	contract.publication() <= max_publication && contract.units() <= MAX_UNITS && contract.all_units().all(is_short)
}

/// Says on standard error how far something is.
struct Progress {
	what: String,
	done: u64,
	/// Unless nobody knows.
	all: Option<u64>,
	told: Instant,
}

impl Progress {
	fn new(what: &str, all: Option<u64>) -> Self {
		Self { what: what.into(), done: 0, all, told: Instant::now() }
	}

	fn advance(&mut self, by: u64) {
		self.done += by;
		if self.all == Some(self.done) || self.told.elapsed() > Duration::from_secs(5) {
			self.told = Instant::now();
			let all = self.all.map(|all| format!(" of {}", thousands(all))).unwrap_or_default();
			eprintln!("{}: {}{all}", self.what, thousands(self.done));
		}
	}
}

fn specs() -> Vec<ColumnSpec> {
	(0..STREAMED).map(|index| ColumnSpec { name: format!("c{index}"), decimals: 3, bits: 30 }).collect()
}

/// A file that is read as a data provider reads it.
fn stream() -> Result<()> {
	let folder = tempfile::tempdir()?;
	let path = folder.path().join("rows.csv");
	write_rows(&path, ROWS)?;
	let before = peak_memory()?;
	let mut sums = [0i128; STREAMED as usize];
	let began = Instant::now();
	let rows = scan(&Source::Csv { path }, &specs(), |row| {
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

fn write_rows(path: &Path, rows: u64) -> io::Result<()> {
	let mut file = io::BufWriter::new(fs::File::create(path)?);
	writeln!(file, "c0,c1,c2,c3,c4")?;
	for row in 0..rows {
		writeln!(file, "{row}.125,-{}.5,{}.001,17.99,0.25", row % 977, row % 31)?;
	}
	file.flush()
}

/// Bulk against direct mode, of one value under the user's key.
fn modes(secret: &SecretKey) -> Result<()> {
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
			transfer::answer(&selection, &DATA_PROVIDER, 0, [(&column[..], &mut sealed)])
		});
		let transfers = transfers?;
		let (opened, bulk_open) = timed(|| {
			transfer::open(secret, &selection, &DATA_PROVIDER, 0, &transfers, |_| (&sealed[..], io::sink())).map(|_| ())
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
fn proofs(secret: &SecretKey) -> Result<()> {
	let ring = Ring::new(&secret.public().modulus_bytes(), &Native).ok_or("no modulus")?;
	let numbers: Vec<Vec<u8>> = (0..3).map(|_| secret.encrypt(&secret.public().one()).to_bytes()).collect();
	let [value, left, right] = numbers.as_slice() else { return Err("no numbers".into()) };
	println!("\n| leaves | proof of a wrong product | check: hash its path, multiply once |\n|---|---|---|");
	for leaves in [3u64, 16, 512, 65_536, 1 << 20] {
		let shape = TreeShape::new(leaves);
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
fn peak_memory() -> Result<u64> {
	let status = fs::read_to_string("/proc/self/status")?;
	let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
	Ok(line.trim().trim_end_matches(" kB").parse()?)
}
