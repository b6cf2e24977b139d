//! Sizes and times of selections, and of bulk against direct mode: `cargo run --example modes -p encrytrust-oblivious-transfer`.
//!
//! Times are CPU time of the one thread that works, as Linux counts it: other load on the machine does not lengthen them
//! much.

use encrytrust_oblivious_transfer::{answer, direct, open, Context, Selection, SelectionMessage, VerifiedSelection};
use encrytrust_paillier::{
	key_proof::{self, KeyProof, ProvenKey},
	KeySize, PublicKey, SecretKey,
};
use std::time::Duration;

const JOB: Context = Context { genesis: [1; 32], job: 1, coordinator: [2; 32], provider: [3; 32] };
const DATA_PROVIDER: [u8; 32] = [4; 32];
const PARTY: key_proof::Context = key_proof::Context { genesis: [1; 32], party: [3; 32] };

fn main() {
	let secrets = [KeySize::Bits2048, KeySize::Bits3072].map(SecretKey::generate);
	for secret in &secrets {
		println!("# {} bits", secret.public().size().bits());
		let (_, encrypt) = timed(|| (0..20).for_each(|_| drop(secret.public().encrypt(&secret.public().one()))));
		println!("20 encryptions, to compare by: {encrypt}");
		key_proof(secret);
		selection(secret, 30);
		for rows in [1, 10] {
			modes(secret, rows);
		}
	}
	for secret in &secrets {
		println!("# {} bits, a wide table", secret.public().size().bits());
		selection(secret, 1000);
	}
}

fn key_proof(secret: &SecretKey) {
	let (proof, prove) = timed(|| KeyProof::prove(secret, &PARTY));
	let (_, verify) = timed(|| proof.verify(secret.public(), &PARTY).expect("an honest proof holds"));
	println!("key proof: {} bytes, prove {prove}, verify {verify}", proof.to_bytes().len());
}

fn selection(secret: &SecretKey, columns: usize) {
	let (key, proven) = (secret.public(), ProvenKey::own(secret));
	let selection = Selection::new(columns, &[0, columns / 2, columns - 1]).expect("three of the columns");
	let (message, prove) = timed(|| SelectionMessage::prove(&selection, key, &JOB));
	let bytes = message.to_bytes();
	let (message, read) = timed(|| SelectionMessage::from_bytes(key, columns, &bytes).expect("a message"));
	let (_, verify) = timed(|| message.verify(&proven, &JOB, columns, 3).expect("an honest selection holds"));
	println!("{columns} columns: {} bytes, prove {prove}, read {read}, verify {verify}", bytes.len());
	let (message, _) = timed(|| SelectionMessage::from_bytes(key, columns, &bytes).expect("a message"));
	let selection = message.verify(&proven, &JOB, columns, 3).expect("an honest selection holds");
	transfers(key, &selection);
}

/// Transfers of all columns with their proofs, and what they would take without.
fn transfers(key: &PublicKey, selection: &VerifiedSelection) {
	let columns: Vec<usize> = (0..selection.columns()).collect();
	let (_, proven) = timed(|| selection.transfer_each(&DATA_PROVIDER, 0, &columns));
	let numbers: Vec<_> = columns.iter().map(|_| key.random_plaintext()).collect();
	let selectors = columns.iter().map(|column| selection.selector(*column).expect("a column"));
	let pairs: Vec<_> = selectors.zip(&numbers).collect();
	let (_, bare) = timed(|| (key.scale_each(&pairs), key.encrypt_each(&vec![key.zero(); columns.len()])));
	println!("{} transfers: {proven}, without proofs {bare}", columns.len());
}

/// One chosen column of so many rows, each a ciphertext under a user's key of the same size.
fn modes(secret: &SecretKey, rows: usize) {
	let key = secret.public();
	let message = SelectionMessage::prove(&Selection::new(1, &[0]).expect("a column"), key, &JOB);
	let selection = message.verify(&ProvenKey::own(secret), &JOB, 1, 1).expect("an honest selection holds");
	let row = secret.encrypt(&key.one()).to_bytes();
	let column = row.repeat(rows);

	let mut sealed = vec![];
	let (transfers, bulk_answer) =
		timed(|| answer(&selection, &DATA_PROVIDER, 0, [(&column[..], &mut sealed)]).expect("memory can be written"));
	let (_, bulk_open) = timed(|| {
		open(secret, &selection, &DATA_PROVIDER, 0, &transfers, |_| (&sealed[..], std::io::sink()))
			.expect("an honest column opens")
	});
	let (limbs, direct_answer) = timed(|| (0..rows).map(|_| direct::answer(&selection, 0, &row)).collect::<Vec<_>>());
	let (_, direct_open) = timed(|| {
		for limbs in &limbs {
			direct::open(secret, limbs, row.len()).expect("an honest value opens");
		}
	});
	println!(
		"{rows} rows: bulk answer {bulk_answer}, open {bulk_open}; direct answer {direct_answer}, open {direct_open}"
	);
}

/// What a piece of work results in, and how long it took.
fn timed<T>(work: impl FnOnce() -> T) -> (T, String) {
	let start = cpu_time();
	let result = work();
	(result, format!("{:.1} ms", 1e3 * (cpu_time() - start).as_secs_f64()))
}

/// What the scheduler has given to this thread.
fn cpu_time() -> Duration {
	let schedstat = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux counts the time of threads");
	let nanoseconds = schedstat.split_whitespace().next().expect("the first field is the time on the processor");
	Duration::from_nanos(nanoseconds.parse().expect("a number of nanoseconds"))
}
