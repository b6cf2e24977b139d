//! The worker's SQLite file: what the chain is (so that another is noticed, or the same one begun anew), the outbox, what
//! was seen of each job, which keys were proven, what was published on chain, up to where jobs are over, the summaries
//! of data sets, and the mask keys of jobs that have not ended.
//!
//! One connection behind a lock: statements are short. WAL with `synchronous = FULL`, so that what was committed before
//! an extrinsic left is there after a power cut. `secure_delete`, so that what is erased is overwritten.

use codec::{Decode, Encode};
use encrytrust_chain_client::{Block, BlockNumber, KnownBlocks, H256};
use encrytrust_datasets::Summary;
use encrytrust_job_client::{files::private_file, paths::GivenPath, Publications};
use encrytrust_protocol::{data_provider::EphemeralKey, keys::Claim, verification::Answer};
use rusqlite::{params, Connection, OptionalExtension};
use serde::Serialize;
use std::{
	io,
	path::Path,
	sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use zeroize::Zeroizing;

/// What each version of the schema has more than the one before. The version is in `user_version`.
const SCHEMAS: [&str; 7] = [SCHEMA_1, SCHEMA_2, SCHEMA_3, SCHEMA_4, SCHEMA_5, SCHEMA_6, SCHEMA_7];
/// The newest version.
const VERSION: i64 = SCHEMAS.len() as i64;

const SCHEMA_1: &str = "
CREATE TABLE chain (genesis BLOB NOT NULL);
CREATE TABLE intents (
	job INTEGER NOT NULL,
	kind TEXT NOT NULL,
	attempt INTEGER NOT NULL,
	pallet TEXT NOT NULL,
	call TEXT NOT NULL,
	arguments BLOB NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('ready', 'signed', 'done', 'failed')),
	bytes BLOB, hash BLOB, nonce INTEGER, born INTEGER, dies INTEGER, scanned INTEGER,
	deadline INTEGER, block INTEGER, error TEXT,
	PRIMARY KEY (job, kind)
) STRICT;
CREATE TABLE seen (
	job INTEGER NOT NULL,
	role TEXT NOT NULL,
	source TEXT NOT NULL,
	item TEXT NOT NULL,
	PRIMARY KEY (job, role, source, item)
) STRICT;";

const SCHEMA_2: &str = "
CREATE TABLE proven (
	owner BLOB NOT NULL,
	modulus BLOB NOT NULL,
	proof BLOB NOT NULL,
	PRIMARY KEY (owner, modulus, proof)
) STRICT;
CREATE TABLE answers (
	job INTEGER NOT NULL,
	stage TEXT NOT NULL,
	who BLOB NOT NULL,
	piece INTEGER NOT NULL,
	bytes BLOB NOT NULL,
	PRIMARY KEY (job, stage, who, piece)
) STRICT;
CREATE TABLE progress (name TEXT NOT NULL PRIMARY KEY, value INTEGER NOT NULL) STRICT;";

const SCHEMA_3: &str = "
CREATE TABLE finalized (number INTEGER NOT NULL PRIMARY KEY, hash BLOB NOT NULL) STRICT;";

const SCHEMA_4: &str = "
CREATE TABLE summaries (fingerprint BLOB NOT NULL PRIMARY KEY, summary BLOB NOT NULL) STRICT;";

const SCHEMA_5: &str = "
ALTER TABLE intents ADD COLUMN spec_version INTEGER;";

const SCHEMA_6: &str = "
DROP TABLE answers;
CREATE TABLE publications (
	job INTEGER NOT NULL,
	unit BLOB NOT NULL,
	chunk INTEGER NOT NULL,
	bytes BLOB NOT NULL,
	path BLOB NOT NULL,
	PRIMARY KEY (job, unit, chunk)
) STRICT;";

const SCHEMA_7: &str = "
CREATE TABLE mask_keys (
	job INTEGER NOT NULL PRIMARY KEY,
	secret BLOB NOT NULL CHECK (length(secret) = 32)
) STRICT;";

/// What can be wrong with the database.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
	/// SQLite refused.
	#[error("the worker's database: {0}")]
	Sqlite(#[from] rusqlite::Error),
	/// It cannot be opened.
	#[error("cannot open the worker's database {path}: {source}")]
	Open {
		/// Which file.
		path: GivenPath,
		/// What SQLite said.
		source: rusqlite::Error,
	},
	/// It cannot be kept from others.
	#[error("cannot make the worker's database {path} readable by its owner alone: {source}")]
	Private {
		/// Which file.
		path: GivenPath,
		/// What the system said.
		source: io::Error,
	},
	/// A newer program wrote it.
	#[error("the worker's database has version {0}, this program knows {VERSION}: use the newer program")]
	Version(i64),
	/// What was erased is still in the log.
	#[error("another process reads the worker's database: what was erased stays in its log until that has ended")]
	InUse,
	/// It belongs to another chain.
	#[error(
		"the worker's database belongs to the chain with genesis {known:?}, the node serves {found:?}: name the right \
		 node, or another folder as `state`"
	)]
	OtherChain {
		/// What it was made for.
		known: H256,
		/// What the node serves.
		found: H256,
	},
}

/// What a party saw of a job: one kind of thing from one source.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Seen {
	/// In which role: `dp`, `cp` or `cord`.
	pub role: String,
	/// Where it came from.
	pub source: String,
	/// What it was, with its size.
	pub item: String,
}

/// The database; clones share it.
#[derive(Clone, Debug)]
pub struct Database {
	connection: Arc<Mutex<Connection>>,
}

impl Database {
	/// Opens the file, or makes it: for its owner alone, as the sums of columns and mask keys are in it.
	pub fn open(path: &Path) -> Result<Self, DatabaseError> {
		make_private(path).map_err(|source| DatabaseError::Private { path: path.into(), source })?;
		let connection = Connection::open(path).map_err(|source| DatabaseError::Open { path: path.into(), source })?;
		connection.pragma_update(None, "journal_mode", "WAL")?;
		connection.pragma_update(None, "synchronous", "FULL")?;
		connection.pragma_update(None, "secure_delete", "ON")?;
		connection.busy_timeout(std::time::Duration::from_secs(10))?;
		let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
		let missing = usize::try_from(version).ok().and_then(|version| SCHEMAS.get(version..));
		let missing = missing.ok_or(DatabaseError::Version(version))?.concat();
		if !missing.is_empty() {
			connection.execute_batch(&format!("BEGIN; {missing} PRAGMA user_version = {VERSION}; COMMIT;"))?;
		}
		Ok(Self { connection: Arc::new(Mutex::new(connection)) })
	}

	/// The connection. A panic elsewhere leaves no transaction open: SQLite rolls it back.
	pub(crate) fn lock(&self) -> MutexGuard<'_, Connection> {
		self.connection.lock().unwrap_or_else(PoisonError::into_inner)
	}

	/// Binds the database to the chain, or checks that it is its own.
	pub fn bind(&self, genesis: H256) -> Result<(), DatabaseError> {
		let connection = self.lock();
		let known: Option<[u8; 32]> =
			connection.query_row("SELECT genesis FROM chain", [], |row| row.get(0)).optional()?;
		match known {
			None => {
				connection.execute("INSERT INTO chain VALUES (?1)", [genesis.0])?;
				Ok(())
			},
			Some(known) if known == genesis.0 => Ok(()),
			Some(known) => Err(DatabaseError::OtherChain { known: H256(known), found: genesis }),
		}
	}

	/// Remembers these blocks of the chain, and no others.
	pub fn remember(&self, landmarks: &KnownBlocks) -> Result<(), DatabaseError> {
		let mut connection = self.lock();
		let transaction = connection.transaction()?;
		transaction.execute("DELETE FROM finalized", [])?;
		for block in landmarks.blocks() {
			transaction.execute("INSERT INTO finalized VALUES (?1, ?2)", params![block.number, block.hash.0])?;
		}
		Ok(transaction.commit()?)
	}

	/// The blocks that were remembered.
	pub fn landmarks(&self) -> Result<Vec<Block>, DatabaseError> {
		let connection = self.lock();
		let mut query = connection.prepare("SELECT number, hash FROM finalized ORDER BY number")?;
		let rows = query.query_map([], |row| Ok(Block { number: row.get(0)?, hash: H256(row.get(1)?) }))?;
		Ok(rows.collect::<Result<_, _>>()?)
	}

	/// Remembers that a key was proven by the blob with this digest.
	pub fn remember_proven(&self, claim: &Claim) -> Result<(), DatabaseError> {
		let values = params![claim.owner.0, claim.modulus, claim.proof];
		self.lock().execute("INSERT OR IGNORE INTO proven VALUES (?1, ?2, ?3)", values)?;
		Ok(())
	}

	/// Whether that was remembered.
	pub fn is_proven(&self, claim: &Claim) -> Result<bool, DatabaseError> {
		let values = params![claim.owner.0, claim.modulus, claim.proof];
		let query = "SELECT 1 FROM proven WHERE owner = ?1 AND modulus = ?2 AND proof = ?3";
		Ok(self.lock().query_row(query, values, |_| Ok(())).optional()?.is_some())
	}

	/// Keeps the summary that a data set's fingerprint was made of.
	pub fn remember_summary(&self, fingerprint: H256, summary: &Summary) -> Result<(), DatabaseError> {
		let values = params![fingerprint.0, summary.to_bytes()];
		self.lock().execute("INSERT OR REPLACE INTO summaries VALUES (?1, ?2)", values)?;
		Ok(())
	}

	/// The summary that was kept for a fingerprint.
	pub fn summary(&self, fingerprint: H256) -> Result<Option<Summary>, DatabaseError> {
		let query = "SELECT summary FROM summaries WHERE fingerprint = ?1";
		let bytes: Option<Vec<u8>> = self.lock().query_row(query, [fingerprint.0], |row| row.get(0)).optional()?;
		Ok(bytes.and_then(|bytes| Summary::from_bytes(&bytes)))
	}

	/// Keeps chunks that were published of a job, and up to which block they are all kept: both or neither.
	pub fn keep_publications(
		&self,
		job: u64,
		publications: &Publications,
		read_to: BlockNumber,
	) -> Result<(), DatabaseError> {
		let mut connection = self.lock();
		let transaction = connection.transaction()?;
		for ((unit, chunk), Answer { bytes, path }) in publications {
			let values = params![job as i64, unit.encode(), chunk, bytes, path.encode()];
			transaction.execute("INSERT OR IGNORE INTO publications VALUES (?1, ?2, ?3, ?4, ?5)", values)?;
		}
		// Who reads the same blocks at the same time, and is slower, takes nothing back.
		let progress =
			"INSERT INTO progress VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = max(value, excluded.value)";
		transaction.execute(progress, params![publications_of(job), read_to])?;
		Ok(transaction.commit()?)
	}

	/// Up to which block the chunks that were published of a job are kept.
	pub fn publications_read(&self, job: u64) -> Result<Option<BlockNumber>, DatabaseError> {
		let query = "SELECT value FROM progress WHERE name = ?1";
		Ok(self.lock().query_row(query, [publications_of(job)], |row| row.get(0)).optional()?)
	}

	/// The chunks of a job that were kept.
	pub fn publications(&self, job: u64) -> Result<Publications, DatabaseError> {
		let connection = self.lock();
		let mut query = connection.prepare("SELECT unit, chunk, bytes, path FROM publications WHERE job = ?1")?;
		let rows = query.query_map([job as i64], |row| {
			let (unit, path): (Vec<u8>, Vec<u8>) = (row.get(0)?, row.get(3)?);
			Ok((unit, row.get(1)?, row.get(2)?, path))
		})?;
		let mut publications = Publications::new();
		for row in rows {
			let (unit, chunk, bytes, path) = row?;
			if let (Ok(unit), Ok(path)) = (Decode::decode(&mut &*unit), Decode::decode(&mut &*path)) {
				publications.insert((unit, chunk), Answer { bytes, path });
			}
		}
		Ok(publications)
	}

	/// The first job that may not be over.
	pub fn first_open_job(&self) -> Result<u64, DatabaseError> {
		let query = "SELECT value FROM progress WHERE name = 'first-open-job'";
		let value: Option<i64> = self.lock().query_row(query, [], |row| row.get(0)).optional()?;
		Ok(value.unwrap_or_default() as u64)
	}

	/// Remembers that all jobs before this one are over.
	pub fn set_first_open_job(&self, job: u64) -> Result<(), DatabaseError> {
		self.lock().execute("INSERT OR REPLACE INTO progress VALUES ('first-open-job', ?1)", params![job as i64])?;
		Ok(())
	}

	/// The mask key of a job: drawn and stored the first time, and the same one from then on.
	pub fn draw_mask_key(&self, job: u64) -> Result<EphemeralKey, DatabaseError> {
		let drawn = EphemeralKey::generate();
		let secret = drawn.secret();
		let values = params![job as i64, secret.as_slice()];
		self.lock().execute("INSERT OR IGNORE INTO mask_keys VALUES (?1, ?2)", values)?;
		Ok(self.mask_key(job)?.unwrap_or(drawn))
	}

	/// The mask key that was drawn for a job.
	pub fn mask_key(&self, job: u64) -> Result<Option<EphemeralKey>, DatabaseError> {
		let query = "SELECT secret FROM mask_keys WHERE job = ?1";
		let secret = self.lock().query_row(query, [job as i64], |row| row.get(0).map(Zeroizing::new)).optional()?;
		Ok(secret.map(|secret: Zeroizing<[u8; 32]>| EphemeralKey::from_secret(&secret)))
	}

	/// The jobs whose mask keys were not erased.
	pub fn jobs_with_mask_keys(&self) -> Result<Vec<u64>, DatabaseError> {
		let connection = self.lock();
		let mut query = connection.prepare("SELECT job FROM mask_keys ORDER BY job")?;
		let jobs = query.query_map([], |row| row.get::<_, i64>(0))?.map(|job| Ok(job? as u64));
		jobs.collect()
	}

	/// Erases the mask key of a job: from the file, and from the log of what was written to it.
	///
	/// # Errors
	///
	/// [`DatabaseError::InUse`]: the job stays among [`Self::jobs_with_mask_keys`], though without its key.
	pub fn erase_mask_key(&self, job: u64) -> Result<(), DatabaseError> {
		let connection = self.lock();
		connection.execute("UPDATE mask_keys SET secret = zeroblob(32) WHERE job = ?1", [job as i64])?;
		let in_use: bool = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
		if in_use {
			return Err(DatabaseError::InUse);
		}
		connection.execute("DELETE FROM mask_keys WHERE job = ?1", [job as i64])?;
		Ok(())
	}

	/// Notes that something was seen; what was noted before stays as it is.
	pub fn note(&self, job: u64, role: &str, source: &str, item: &str) -> Result<(), DatabaseError> {
		self.lock()
			.execute("INSERT OR IGNORE INTO seen VALUES (?1, ?2, ?3, ?4)", params![job as i64, role, source, item])?;
		Ok(())
	}

	/// What was seen of a job, in the order of noting.
	pub fn seen(&self, job: u64) -> Result<Vec<Seen>, DatabaseError> {
		let connection = self.lock();
		let mut query = connection.prepare("SELECT role, source, item FROM seen WHERE job = ?1 ORDER BY rowid")?;
		let rows = query
			.query_map([job as i64], |row| Ok(Seen { role: row.get(0)?, source: row.get(1)?, item: row.get(2)? }))?;
		Ok(rows.collect::<Result<_, _>>()?)
	}
}

/// SQLite gives the files that it makes beside the database the database's mode; a former program may have left others.
fn make_private(path: &Path) -> io::Result<()> {
	private_file(path)?;
	for suffix in ["-wal", "-shm"] {
		let mut beside = path.as_os_str().to_os_string();
		beside.push(suffix);
		let beside = Path::new(&beside);
		if beside.exists() {
			private_file(beside)?;
		}
	}
	Ok(())
}

/// Under which name it is kept how far the publications of a job were read.
fn publications_of(job: u64) -> String {
	format!("publications-{job}")
}

#[cfg(test)]
mod tests {
	use super::*;
	use encrytrust_chain_client::AccountId;
	use encrytrust_types::job::Unit;
	use std::{fs, os::unix::fs::PermissionsExt};

	#[test]
	fn a_database_is_its_owners_alone_also_where_it_was_not() {
		let folder = tempfile::tempdir().unwrap();
		let files = || fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
		for round in 0..2 {
			let database = Database::open(&folder.path().join("worker.sqlite")).unwrap();
			database.bind(H256([1; 32])).unwrap();
			assert_eq!(files().count(), 3, "with what SQLite keeps beside it");
			for path in files() {
				let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
				assert_eq!(mode, 0o600, "{} in round {round}", path.display());
				fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
			}
			// As after a crash: what is beside the database stays.
			std::mem::forget(database);
		}
	}

	#[test]
	fn a_database_stays_with_its_chain() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("worker.sqlite");
		Database::open(&path).unwrap().bind(H256([1; 32])).unwrap();
		let again = Database::open(&path).unwrap();
		again.bind(H256([1; 32])).unwrap();
		assert!(matches!(again.bind(H256([2; 32])), Err(DatabaseError::OtherChain { .. })));
	}

	#[test]
	fn what_was_seen_is_listed_once_and_by_job() {
		let folder = tempfile::tempdir().unwrap();
		let database = Database::open(&folder.path().join("worker.sqlite")).unwrap();
		for _ in 0..2 {
			database.note(1, "dp", "the coordinator", "a selection of 5 columns").unwrap();
		}
		database.note(2, "dp", "the coordinator", "a selection of 2 columns").unwrap();
		let seen = database.seen(1).unwrap();
		assert_eq!(seen.len(), 1);
		assert_eq!(seen[0].item, "a selection of 5 columns");
	}

	#[test]
	fn a_key_is_proven_for_its_owner_and_by_its_proof_alone() {
		use encrytrust_protocol::keys::Holder;
		let folder = tempfile::tempdir().unwrap();
		let database = Database::open(&folder.path().join("worker.sqlite")).unwrap();
		let claim = |owner, modulus: u8, proof| Claim {
			holder: Holder::User,
			owner: AccountId([owner; 32]),
			modulus: vec![modulus; 256],
			proof: [proof; 32],
		};
		for _ in 0..2 {
			database.remember_proven(&claim(1, 2, 3)).unwrap();
		}
		assert!(database.is_proven(&Claim { holder: Holder::Computing(4), ..claim(1, 2, 3) }).unwrap());
		for other in [claim(9, 2, 3), claim(1, 9, 3), claim(1, 2, 9)] {
			assert!(!database.is_proven(&other).unwrap());
		}
	}

	#[test]
	fn publications_are_kept_by_job() {
		let folder = tempfile::tempdir().unwrap();
		let database = Database::open(&folder.path().join("worker.sqlite")).unwrap();
		let place = |part, chunk| (Unit::Outputs { computing: 1, part }, chunk);
		let answer = |byte: u8| Answer { bytes: vec![byte; 3], path: vec![H256([byte; 32])] };
		let publications = Publications::from([(place(0, 1), answer(1)), (place(3, 0), answer(2))]);
		assert_eq!(database.publications_read(5).unwrap(), None);
		for (read_to, all) in [(7, 7), (9, 9), (8, 9)] {
			database.keep_publications(5, &publications, read_to).unwrap();
			assert_eq!(database.publications_read(5).unwrap(), Some(all));
		}
		assert_eq!(database.publications(5).unwrap(), publications);
		assert_eq!(
			(database.publications(6).unwrap(), database.publications_read(6).unwrap()),
			(Publications::new(), None)
		);
	}

	/// Everything that the files of a folder hold.
	fn contents(folder: &Path) -> Vec<u8> {
		fs::read_dir(folder).unwrap().flat_map(|entry| fs::read(entry.unwrap().path()).unwrap()).collect()
	}

	fn holds(folder: &Path, secret: &[u8]) -> bool {
		contents(folder).windows(secret.len()).any(|window| window == secret)
	}

	#[test]
	fn a_mask_key_is_drawn_once_for_each_job_and_survives_a_crash() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("worker.sqlite");
		let database = Database::open(&path).unwrap();
		assert!(database.mask_key(3).unwrap().is_none());
		let drawn = database.draw_mask_key(3).unwrap();
		assert!(holds(folder.path(), &*drawn.secret()), "it is on disk when it is told");
		assert_ne!(database.draw_mask_key(4).unwrap().public(), drawn.public());
		std::mem::forget(database);
		let database = Database::open(&path).unwrap();
		assert_eq!(database.draw_mask_key(3).unwrap().public(), drawn.public());
		assert_eq!(database.mask_key(3).unwrap().unwrap().public(), drawn.public());
		assert_eq!(database.jobs_with_mask_keys().unwrap(), [3, 4]);
	}

	#[test]
	fn an_erased_mask_key_is_in_no_file() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("worker.sqlite");
		let database = Database::open(&path).unwrap();
		let secrets = [3, 4, 5].map(|job| database.draw_mask_key(job).unwrap().secret());
		database.erase_mask_key(4).unwrap();
		assert_eq!(secrets.each_ref().map(|secret| holds(folder.path(), &**secret)), [true, false, true]);
		assert_eq!(
			(database.mask_key(4).unwrap().is_none(), database.jobs_with_mask_keys().unwrap()),
			(true, vec![3, 5])
		);
		database.erase_mask_key(4).unwrap();
	}

	#[test]
	fn a_mask_key_is_erased_at_last_while_another_process_reads() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("worker.sqlite");
		let database = Database::open(&path).unwrap();
		database.lock().busy_timeout(std::time::Duration::ZERO).unwrap();
		let secret = database.draw_mask_key(3).unwrap().secret();
		let mut other = Connection::open(&path).unwrap();
		let reading = other.transaction().unwrap();
		let _: i64 = reading.query_row("SELECT count(*) FROM mask_keys", [], |row| row.get(0)).unwrap();
		assert!(matches!(database.erase_mask_key(3), Err(DatabaseError::InUse)));
		assert_eq!(database.jobs_with_mask_keys().unwrap(), [3]);
		drop(reading);
		database.erase_mask_key(3).unwrap();
		assert!(!holds(folder.path(), &*secret));
	}

	#[test]
	fn a_database_of_version_1_gets_what_it_lacks_and_keeps_what_it_has() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("worker.sqlite");
		let version_1 = format!("{SCHEMA_1} PRAGMA user_version = 1;");
		Connection::open(&path).unwrap().execute_batch(&version_1).unwrap();
		Database::open(&path).unwrap().note(1, "dp", "the coordinator", "a selection").unwrap();
		let database = Database::open(&path).unwrap();
		assert_eq!((database.seen(1).unwrap().len(), database.first_open_job().unwrap()), (1, 0));
		assert_eq!(database.summary(H256([0; 32])).unwrap(), None);
		database.set_first_open_job(5).unwrap();
		assert_eq!(Database::open(&path).unwrap().first_open_job().unwrap(), 5);
	}

	#[test]
	fn the_chains_blocks_are_remembered_instead_of_those_before() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("worker.sqlite");
		let block = |number: u32| Block { number, hash: H256([number as u8; 32]) };
		let mut landmarks = KnownBlocks::default();
		for number in [1, 2, 3, 4, 5, 6] {
			landmarks.insert(block(number));
			Database::open(&path).unwrap().remember(&landmarks).unwrap();
		}
		assert_eq!(Database::open(&path).unwrap().landmarks().unwrap(), [1, 2, 4, 6].map(block));
	}

	#[test]
	fn a_newer_database_is_left_alone() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("worker.sqlite");
		Connection::open(&path).unwrap().pragma_update(None, "user_version", 9).unwrap();
		assert!(matches!(Database::open(&path), Err(DatabaseError::Version(9))));
	}
}
