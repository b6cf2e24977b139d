//! Who plays: accounts, keys, tables, and the genesis in which all of them are registered. Made once, as keys take long.

use crate::{
	chain::genesis,
	runtime::{
		self, Bmpc, Bonds, Runtime, RuntimeGenesisConfig, RuntimeOrigin, FEES, FOUNDATION, GENESIS, OUTAGE, SAVINGS,
		VALIDATORS,
	},
};
use encrytrust_chain_client::{AccountId, BlockNumber};
use encrytrust_datasets::{summarize, ColumnSpec, Source};
use encrytrust_paillier::{KeySize, SecretKey};
use encrytrust_protocol::{
	digest,
	keys::{self, Claim, Holder},
};
use encrytrust_types::{
	dataset::{Policy, Schema},
	job::{Endpoint, Offer, Role, TemplateKind, Terms},
	token::Balance,
	DatasetId,
};
use encrytrust_worker::{
	config::Config,
	database::Database,
	declaration::{schema, Declaration},
	keys::MasterSecret,
};
use frame_support::assert_ok;
use sp_core::storage::Storage;
use std::{
	fs,
	os::unix::fs::PermissionsExt,
	path::{Path, PathBuf},
	sync::{Arc, LazyLock, OnceLock},
};

/// A place at the table: 0 is the user's.
pub type Seat = usize;
/// The user.
pub const USER: Seat = 0;
/// How many data providers there are.
pub const DATA: usize = 3;
/// How many computing providers there are.
pub const COMPUTING: usize = 3;
/// The coordinator.
pub const COORDINATOR: Seat = 1 + DATA + COMPUTING;
/// How many play.
pub const SEATS: usize = COORDINATOR + 1;
/// How many tables each data provider has: data set `provider * TABLES + table`.
pub const TABLES: usize = 3;
/// Rows of the tables.
pub const ROWS: [u64; TABLES] = [1, 3, 25];
/// Columns of all tables.
pub const COLUMNS: usize = 4;
/// Bits of their values.
const BITS: u8 = 6;
/// What everybody has at the beginning.
pub const FUNDS: Balance = 1_000_000_000_000_000_000_000;
/// What every provider has at stake.
pub const BOND: Balance = FUNDS / 2;
/// What a cell, a unit of work or a job costs, unless a game says otherwise.
pub const PRICE: Balance = 1_000_000_000_000;

/// The templates, by id.
pub const KINDS: [TemplateKind; 8] = [
	TemplateKind::ColumnSum,
	TemplateKind::ColumnMean,
	TemplateKind::ColumnVariance,
	TemplateKind::Covariance,
	TemplateKind::Histogram,
	TemplateKind::WeightedSum,
	TemplateKind::RowSum,
	TemplateKind::RowWeightedSum,
];

/// The seat of a data provider.
pub const fn data(index: usize) -> Seat {
	1 + index
}

/// The seat of a computing provider.
pub const fn computing(index: usize) -> Seat {
	1 + DATA + index
}

/// What a seat does in jobs; none for the user.
pub fn role(seat: Seat) -> Option<Role> {
	match seat {
		USER => None,
		COORDINATOR => Some(Role::Coordinator),
		seat if seat < computing(0) => Some(Role::DataProvider),
		_ => Some(Role::ComputingProvider),
	}
}

/// The account of a seat.
pub fn account(seat: Seat) -> AccountId {
	AccountId([1 + seat as u8; 32])
}

/// The same, as the runtime has it.
pub fn runtime_account(seat: Seat) -> runtime::AccountId {
	runtime::AccountId::new(account(seat).0)
}

/// The seat of an account.
pub fn seat_of(who: &[u8; 32]) -> Option<Seat> {
	(0..SEATS).find(|seat| account(*seat).0 == *who)
}

/// A seat's name for people.
pub fn name(seat: Seat) -> String {
	match role(seat) {
		None => "user".into(),
		Some(Role::Coordinator) => "coordinator".into(),
		Some(Role::DataProvider) => format!("data provider {}", seat - data(0)),
		Some(Role::ComputingProvider) => format!("computing provider {}", seat - computing(0)),
	}
}

/// A table's rows.
pub fn rows(provider: usize, table: usize) -> Vec<Vec<i64>> {
	let cell = |row: u64, column: usize| {
		let value = (row as i64 * 7 + column as i64 * 11 + provider as i64 * 5) % 60;
		if (row + column as u64).is_multiple_of(3) {
			-value
		} else {
			value
		}
	};
	(0..ROWS[table]).map(|row| (0..COLUMNS).map(|column| cell(row, column)).collect()).collect()
}

fn columns() -> Vec<ColumnSpec> {
	(0..COLUMNS).map(|index| ColumnSpec { name: format!("c{index}"), decimals: 0, bits: BITS }).collect()
}

/// The key of a seat with the blob that proves it.
#[derive(Debug)]
pub struct Key {
	/// The key.
	pub secret: Arc<SecretKey>,
	/// The proof.
	pub proof: Vec<u8>,
}

/// What a provider has on its machine before a game.
#[derive(Debug)]
pub struct Machine {
	/// Its configuration.
	pub config: Config,
	/// The file of its master secret.
	pub master_key: PathBuf,
	/// A database that knows its tables and that has verified all keys.
	pub database: PathBuf,
}

/// Everybody who can play with keys of one size.
#[derive(Debug)]
pub struct Cast {
	/// The size of their keys.
	pub size: KeySize,
	/// By seat: of the user and the computing providers.
	pub keys: Vec<Option<Key>>,
	/// By seat: of all but the user.
	pub machines: Vec<Option<Machine>>,
	/// By data set: what its provider declares.
	pub declarations: Vec<Declaration>,
	/// By seat: how it is reached.
	pub endpoints: Vec<Endpoint>,
	usual: OnceLock<Storage>,
	_folder: tempfile::TempDir,
}

/// The cast with keys of a size.
pub fn cast(size: KeySize) -> &'static Cast {
	static SMALL: LazyLock<Cast> = LazyLock::new(|| Cast::new(KeySize::Bits256));
	static LARGE: LazyLock<Cast> = LazyLock::new(|| Cast::new(KeySize::Bits2048));
	match size {
		KeySize::Bits256 => &SMALL,
		_ => &LARGE,
	}
}

/// A new folder, in memory where there is such a place.
pub fn folder() -> tempfile::TempDir {
	let memory = Path::new("/dev/shm");
	let made = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
	made.expect("a folder can be made")
}

impl Cast {
	fn new(size: KeySize) -> Self {
		let folder = folder();
		let key = |seat: Seat| {
			let has_key = seat == USER || role(seat) == Some(Role::ComputingProvider);
			has_key.then(|| {
				let secret = SecretKey::generate(size);
				let proof = keys::prove(&secret, GENESIS, &account(seat));
				Key { secret: Arc::new(secret), proof }
			})
		};
		let keys: Vec<_> = (0..SEATS).map(key).collect();
		let claims: Vec<_> = (0..SEATS).filter_map(|seat| claim(seat, keys[seat].as_ref()?)).collect();
		for (claim, key) in claims.iter().zip(keys.iter().flatten()) {
			keys::verify(GENESIS, claim, &key.proof).expect("the key is sound");
		}
		let mut declarations = Vec::new();
		let mut endpoints = Vec::new();
		let mut machines = Vec::new();
		for seat in 0..SEATS {
			let home = folder.path().join(seat.to_string());
			fs::create_dir(&home).expect("a folder can be made");
			let machine = Machine::new(seat, &home);
			let secret = MasterSecret::read_plain(&machine.master_key).expect("it was just made");
			let sealing = secret.sealing().public();
			let address = b"/ip4/127.0.0.1/tcp/4001".to_vec().try_into().expect("it is short");
			endpoints.push(Endpoint { sealing, peer: account(seat).0, address });
			let database = Database::open(&machine.database).expect("a database can be made");
			claims.iter().for_each(|claim| database.remember_proven(claim).expect("it can be written"));
			if role(seat) == Some(Role::DataProvider) {
				for table in 0..TABLES {
					let key = secret.fingerprint_key();
					let source = Source::Csv { path: table_path(&home, table) };
					let summary = summarize(&source, &columns(), &key).expect("the table can be read");
					let declaration = Declaration::new(&summary, &columns(), &key);
					database.remember_summary(declaration.fingerprint, &summary).expect("it can be written");
					declarations.push(declaration);
				}
			}
			machines.push((seat != USER).then_some(machine));
		}
		let usual = OnceLock::new();
		Self { size, keys, machines, declarations, endpoints, usual, _folder: folder }
	}

	/// The state in which everybody is registered and has a bond, with a game's own prices and policies.
	pub fn genesis(&self, prices: &[Balance; SEATS], max_queries: Option<u32>) -> Storage {
		let usual = self.usual.get_or_init(|| self.register_all(&[PRICE; SEATS], None)).clone();
		if *prices == [PRICE; SEATS] && max_queries.is_none() {
			return usual;
		}
		self.register_all(prices, max_queries)
	}

	fn register_all(&self, prices: &[Balance; SEATS], max_queries: Option<u32>) -> Storage {
		let accounts = (0..SEATS).map(runtime_account).chain(VALIDATORS).chain([FEES, FOUNDATION, SAVINGS]);
		let templates = (0..).zip(KINDS).map(|(id, kind)| (id, format!("{kind:?}"), kind)).collect();
		let config = RuntimeGenesisConfig {
			balances: pallet_balances::GenesisConfig {
				balances: accounts.map(|who| (who, FUNDS)).collect(),
				..Default::default()
			},
			bonds: pallet_bonds::GenesisConfig {
				parameters: pallet_bonds::Parameters { validators: 5, ..Default::default() },
				validators: VALIDATORS.map(|who| (who, PRICE)).to_vec(),
			},
			bmpc: pallet_bmpc::GenesisConfig { templates, outage: OUTAGE, ..Default::default() },
			..Default::default()
		};
		genesis(config, || (1..SEATS).for_each(|seat| self.register(seat, prices[seat], max_queries)))
	}

	fn register(&self, seat: Seat, price: Balance, max_queries: Option<u32>) {
		let origin = || RuntimeOrigin::signed(runtime_account(seat));
		assert_ok!(Bonds::bond(origin(), pallet_bonds::BondKind::Service, BOND));
		let offer = match role(seat) {
			None => return,
			Some(Role::DataProvider) => Offer::DataProvider,
			Some(Role::ComputingProvider) => {
				let key = self.keys[seat].as_ref().expect("it has a key");
				let paillier = key.secret.public().modulus_bytes().try_into().expect("it fits");
				Offer::ComputingProvider { price, paillier, key_proof: digest(&key.proof) }
			},
			Some(Role::Coordinator) => Offer::Coordinator { price },
		};
		assert_ok!(Bmpc::register_role(origin(), self.endpoints[seat].clone(), offer, terms()));
		if role(seat) == Some(Role::DataProvider) {
			for table in 0..TABLES {
				let declaration = self.declarations[dataset(seat - data(0), table) as usize];
				let templates = (0..KINDS.len() as u16).collect::<Vec<_>>().try_into().expect("they are few");
				let policy = Policy { templates, min_rows: 1, buyers: None, max_queries };
				let title = format!("table {table}").into_bytes().try_into().expect("it is short");
				let Declaration { rows, fingerprint } = declaration;
				let schema: Schema = schema(&columns()).expect("the columns are sound");
				assert_ok!(Bmpc::register_dataset(origin(), title, schema, rows, fingerprint, price, policy));
			}
		}
	}
}

/// The data set that a table is.
pub fn dataset(provider: usize, table: usize) -> DatasetId {
	(provider * TABLES + table) as DatasetId
}

/// What everybody asks of jobs.
pub fn terms<A>() -> Terms<A, Balance, BlockNumber> {
	Terms {
		base: 6,
		work_per_block: 64,
		bytes_per_block: 64 * 1024,
		max_bond: BOND / 4,
		max_publication: runtime::MAX_PUBLICATION,
		max_span: BlockNumber::MAX,
		buyers: None,
		co_providers: None,
	}
}

/// What is to be verified of a seat's key.
pub fn claim(seat: Seat, key: &Key) -> Option<Claim> {
	let holder = match role(seat) {
		None => Holder::User,
		Some(Role::ComputingProvider) => Holder::Computing(seat - computing(0)),
		_ => return None,
	};
	let modulus = key.secret.public().modulus_bytes();
	Some(Claim { holder, owner: account(seat), modulus, proof: digest(&key.proof) })
}

fn table_path(home: &Path, table: usize) -> PathBuf {
	home.join(format!("table-{table}.csv"))
}

impl Machine {
	fn new(seat: Seat, home: &Path) -> Self {
		let master_key = home.join("master.key");
		// In the clear: to open an encrypted one takes longer than a game.
		let text = format!("{}\n", format!("{:02x}", seat + 1).repeat(32));
		fs::write(&master_key, text).expect("a secret can be written");
		fs::set_permissions(&master_key, fs::Permissions::from_mode(0o600)).expect("it can be kept private");
		let mut text = String::from(
			"node = \"ws://nowhere\"\nstate = \"state\"\nlisten = \"/ip4/127.0.0.1/tcp/0\"\nmaster_key = \"master.key\"\n\
			 master_passphrase = { file = \"none\" }\naccount = { uri = \"//Alice\" }\n",
		);
		text += match role(seat) {
			None => "roles = []\nwatch = true\n",
			Some(Role::DataProvider) => "roles = [\"data-provider\"]\n",
			Some(Role::ComputingProvider) => "roles = [\"computing-provider\"]\n",
			Some(Role::Coordinator) => "roles = [\"coordinator\"]\n",
		};
		let Terms { base, work_per_block, bytes_per_block, .. } = terms::<AccountId>();
		text += &format!(
			"[terms]\nmax_bond = \"1000000000\"\nbase_blocks = {base}\nwork_per_block = {work_per_block}\n\
			 bytes_per_block = {bytes_per_block}\n"
		);
		if role(seat) == Some(Role::ComputingProvider) {
			// The key is given, not read.
			text += "[paillier]\nkey = \"none\"\npassphrase = { uri = \"none\" }\n";
		}
		if role(seat) == Some(Role::DataProvider) {
			for table in 0..TABLES {
				let provider = seat - data(0);
				let lines = rows(provider, table)
					.into_iter()
					.map(|row| row.into_iter().map(|value| value.to_string()).collect::<Vec<_>>().join(",") + "\n");
				let header = columns().iter().map(|column| column.name.clone()).collect::<Vec<_>>().join(",") + "\n";
				let path = table_path(home, table);
				fs::write(&path, header + &lines.collect::<String>()).expect("a table can be written");
				let id = dataset(provider, table);
				text += &format!("[[dataset]]\nid = {id}\ntype = \"csv\"\npath = \"table-{table}.csv\"\n");
			}
		}
		let path = home.join("worker.toml");
		fs::write(&path, text).expect("a configuration can be written");
		let config = Config::read(&path).expect("the configuration is sound");
		Self { config, master_key, database: home.join("worker.sqlite") }
	}
}

/// The runtime's pallets agree that nothing is amiss, and all money is there.
pub fn check_invariants() {
	assert_ok!(Bmpc::do_try_state());
	assert_ok!(Bonds::do_try_state());
	assert_ok!(runtime::Clock::do_try_state());
	let accounts = (SEATS + VALIDATORS.len() + 3) as Balance;
	assert_eq!(pallet_balances::Pallet::<Runtime>::total_issuance(), FUNDS * accounts, "money came or went");
	let held = frame_system::Account::<Runtime>::iter_values().map(|account| account.data.free + account.data.reserved);
	assert_eq!(held.sum::<Balance>(), FUNDS * accounts, "the accounts do not have all of the money");
}
