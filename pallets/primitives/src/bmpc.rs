//! Computation contracts: the types that chain and workers share, and the rules that both must apply alike.
//!
//! A *job* joins data sets with equal columns. Its parties are one data provider (DP) for each data set, computing
//! providers (CP) and a coordinator (CORD); its stages are [`Stage`]. `docs/protocol/bmpc.md` tells the whole.

use crate::{hash, merkle};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_core::{bounded::BoundedVec, ConstU32, H256};

/// Identifies a job.
pub type JobId = u64;
/// Identifies a data set.
pub type DataSetId = u64;
/// Identifies a template.
pub type TemplateId = u16;

/// The most data providers in a job.
pub type MaxDataProviders = ConstU32<16>;
/// The most computing providers in a job.
pub type MaxComputers = ConstU32<16>;
/// The most demands that are open in a job at once.
pub type MaxOpenDemands = ConstU32<64>;
/// The most parties in a job: both of the above and the coordinator.
pub type MaxParties = ConstU32<33>;
/// The most columns of a data set.
pub type MaxColumns = ConstU32<256>;
/// The longest name, in bytes.
pub type MaxName = ConstU32<64>;
/// The longest network address, in bytes.
pub type MaxAddress = ConstU32<128>;
/// The most features that a selection is made from.
pub const MAX_FEATURES: u16 = 1024;
/// The most leaves of a tree over selected features: of a weighted sum's, and of a row-wise template's.
pub const MAX_FEATURE_LEAVES: u64 = 512;
/// The most recipients of a selection: all computing providers and the coordinator.
pub type MaxSelectors = ConstU32<17>;
/// The most weights of a weighted sum.
pub type MaxWeights = ConstU32<32>;
/// The most templates or buyers that a policy names.
pub type MaxPolicyEntries = ConstU32<64>;

/// A Paillier modulus, big-endian without leading zeros; see [`check_modulus`].
pub type Modulus = BoundedVec<u8, ConstU32<384>>;
/// A number modulo the square of a [`Modulus`], big-endian in twice its length.
pub type Number = BoundedVec<u8, ConstU32<768>>;
/// A Merkle path, bottom first.
pub type Path = BoundedVec<H256, ConstU32<32>>;
/// A name or label, UTF-8.
pub type Name = BoundedVec<u8, MaxName>;
/// A libp2p multiaddress without the peer's id, as text: `/ip4/127.0.0.1/tcp/4001`.
pub type Address = BoundedVec<u8, MaxAddress>;
/// A message sealed by HPKE: 32 bytes of encapsulated key, then ciphertext and tag.
pub type Sealed = BoundedVec<u8, ConstU32<256>>;

/// What an account does in jobs.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
	/// Answers for data sets; segments, encrypts and commits their columns.
	DataProvider,
	/// Multiplies ciphertexts.
	ComputingProvider,
	/// Schedules jobs blind and aggregates outputs.
	Coordinator,
}

/// What a party offers in a role, and for how much.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Offer<Balance> {
	/// A data provider: its data sets carry the prices.
	DataProvider,
	/// A computing provider.
	ComputingProvider {
		/// Price of one unit of work, see [`Contract::work`].
		price: Balance,
		/// Its own Paillier key, for selection vectors.
		paillier: Modulus,
		/// sha2-256 of the blob that proves that the key is sound, see `docs/protocol/key-proofs.md`.
		key_proof: [u8; 32],
	},
	/// A coordinator.
	Coordinator {
		/// Price of one job.
		price: Balance,
	},
}

impl<Balance> Offer<Balance> {
	/// The role that the offer is made in.
	pub fn role(&self) -> Role {
		match self {
			Self::DataProvider => Role::DataProvider,
			Self::ComputingProvider { .. } => Role::ComputingProvider,
			Self::Coordinator { .. } => Role::Coordinator,
		}
	}
}

/// How a party's worker is reached, and the keys that messages to and from it are bound to.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Endpoint {
	/// X25519 public key: messages for this party are sealed to it by HPKE.
	pub sealing: [u8; 32],
	/// Ed25519 public key of its libp2p identity; the peer id follows from it.
	pub peer: [u8; 32],
	/// Where it listens.
	pub address: Address,
}

/// A registered role.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Registration<Balance> {
	/// Keys and address.
	pub endpoint: Endpoint,
	/// Offer and price.
	pub offer: Offer<Balance>,
	/// Jobs under way in this role; the role cannot be given up before they end.
	pub jobs: u32,
	/// Storage deposit on hold.
	pub deposit: Balance,
}

/// A column of fixed-point numbers.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Column {
	/// The column's name.
	pub name: Name,
	/// Digits after the decimal point: a value `v` is computed with as the integer `v * 10^decimals`.
	pub decimals: u8,
	/// Every such integer is above `-2^bits` and below `2^bits`.
	pub bits: u8,
}

/// The most digits after the decimal point.
pub const MAX_DECIMALS: u8 = 15;
/// The widest column.
pub const MAX_BITS: u8 = 62;

/// The columns of a schema.
pub type Columns = BoundedVec<Column, MaxColumns>;

/// What a data set's rows consist of. Data sets that meet in a job have equal schemas.
///
/// The first byte of the encoding is the version, so that columns of other kinds can be added while data sets that are
/// registered and contracts that were made keep their bytes and hashes.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Schema {
	/// Every row has a fixed-point number in every column.
	#[codec(index = 1)]
	V1(Columns),
}

impl Schema {
	/// The columns, in the order in which selections count them.
	pub fn columns(&self) -> &[Column] {
		match self {
			Self::V1(columns) => columns,
		}
	}
}

impl Default for Schema {
	fn default() -> Self {
		Self::V1(Columns::default())
	}
}

impl From<Columns> for Schema {
	fn from(columns: Columns) -> Self {
		Self::V1(columns)
	}
}

impl TryFrom<Vec<Column>> for Schema {
	type Error = Vec<Column>;

	fn try_from(columns: Vec<Column>) -> Result<Self, Self::Error> {
		Columns::try_from(columns).map(Self::V1)
	}
}

/// Who may ask what of a data set. The chain refuses a request against it, and the provider's worker checks again.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Policy<AccountId> {
	/// The templates allowed.
	pub templates: BoundedVec<TemplateId, MaxPolicyEntries>,
	/// The least number of rows, over all data sets of a job, behind any number that leaves: above 1, no row-wise template
	/// is allowed.
	pub min_rows: u64,
	/// The buyers allowed; everyone if `None`.
	pub buyers: Option<BoundedVec<AccountId, MaxPolicyEntries>>,
	/// The most jobs that one buyer may have settled or under way over this data set; no limit if `None`.
	pub max_answers: Option<u32>,
}

/// A data set on offer.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct DataSet<AccountId, Balance> {
	/// Its data provider.
	pub provider: AccountId,
	/// What it is, in words.
	pub title: Name,
	/// Its columns.
	pub schema: Schema,
	/// Number of rows.
	pub rows: u64,
	/// A digest of schema and rows under a key that the provider's worker keeps, see `docs/protocol/bmpc.md`: the worker
	/// notices by it that its source has changed, and nobody else can test guesses against it.
	pub fingerprint: H256,
	/// Price of one cell (a row of a selected column).
	pub price: Balance,
	/// Who may ask what.
	pub policy: Policy<AccountId>,
	/// Withdrawn data sets take no new jobs.
	pub withdrawn: bool,
	/// Storage deposit on hold.
	pub deposit: Balance,
}

/// What is computed.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum TemplateKind {
	/// The sum of each selected column over all rows of all data sets.
	ColumnSum,
	/// The mean of each selected column over all rows of all data sets.
	ColumnMean,
	/// The variance of each selected column over all rows of all data sets.
	ColumnVariance,
	/// The covariance of each selected pair of columns over all rows of all data sets.
	Covariance,
	/// How many rows of all data sets fall into each bin, for each selected column.
	Histogram,
	/// The sum of the selected columns' sums, each times its weight.
	WeightedSum,
	/// For each row of each data set, the sum of the selected columns.
	RowSum,
	/// For each row of each data set, the sum of the selected columns, each times its weight.
	RowWeightedSum,
}

impl TemplateKind {
	/// Whether there is a number for each row, instead of numbers over all rows.
	pub fn is_row_wise(self) -> bool {
		matches!(self, Self::RowSum | Self::RowWeightedSum)
	}

	/// How many of a job's rows are behind each number.
	pub fn rows_behind(self, rows: u64) -> u64 {
		if self.is_row_wise() {
			rows.min(1)
		} else {
			rows
		}
	}

	/// Number of features that a selection is made from, over so many columns: the columns, or for [`Self::Covariance`]
	/// their pairs. `None` if there are none, or more than [`MAX_FEATURES`].
	pub fn features(self, columns: u16) -> Option<u16> {
		let columns = u32::from(columns);
		let features = match self {
			Self::Covariance => columns.saturating_mul(columns.saturating_sub(1)) / 2,
			_ => columns,
		};
		u16::try_from(features).ok().filter(|features| (1..=MAX_FEATURES).contains(features))
	}

	/// Bits of the addends in the slots of a feature, lowest slot first, whose columns have `a` and `b` bits (twice the
	/// same but for [`Self::Covariance`]); in those of a row, for a row-wise template.
	pub fn slots(self, parameters: &Parameters, a: u8, b: u8) -> Vec<u8> {
		let product = a.saturating_add(b);
		match (self, parameters) {
			(Self::ColumnMean, _) => alloc::vec![a, 1],
			(Self::ColumnVariance, _) => alloc::vec![a, product, 1],
			(Self::Covariance, _) => alloc::vec![a, b, product, 1],
			(Self::Histogram, Parameters::Histogram { bins, .. }) => alloc::vec![1; usize::from(*bins)],
			(Self::ColumnSum | Self::WeightedSum | Self::Histogram | Self::RowSum | Self::RowWeightedSum, _) => {
				alloc::vec![a]
			},
		}
	}
}

/// The columns `a < b` of a pair: pairs are counted in lexicographic order. `None` if there are not as many.
pub fn pair(feature: u16, columns: u16) -> Option<(u16, u16)> {
	let mut rest = feature;
	for a in 0..columns {
		let pairs = columns.checked_sub(a)?.checked_sub(1)?;
		match rest.checked_sub(pairs) {
			Some(later) => rest = later,
			None => return Some((a, a.checked_add(1)?.checked_add(rest)?)),
		}
	}
	None
}

/// Bits of a slot that holds the sum of `rows` values of `bits` bits, each with its offset.
pub fn slot_bits(bits: u8, rows: u64) -> u32 {
	u32::from(bits).saturating_add(1).saturating_add(bit_length(rows.saturating_sub(1)))
}

/// `ceil(log2(n + 1))`.
fn bit_length(n: u64) -> u32 {
	u64::BITS.saturating_sub(n.leading_zeros())
}

/// What a template needs beside the columns.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Parameters {
	/// Nothing.
	#[default]
	None,
	/// The bins of [`TemplateKind::Histogram`], in the columns' fixed-point integers: a value falls into the bin
	/// `floor((value - low) / width)`; the first bin takes all below, the last one all above.
	Histogram {
		/// Where the first bin begins.
		low: i64,
		/// How wide each bin is.
		width: u64,
		/// How many there are, 2 to 64.
		bins: u8,
	},
	/// The weights of [`TemplateKind::WeightedSum`] and [`TemplateKind::RowWeightedSum`], by rank of the selected columns.
	Weights(BoundedVec<i32, MaxWeights>),
}

impl Parameters {
	/// Whether they are what a template over so many data sets and selected features needs.
	pub fn fit(&self, kind: TemplateKind, data_sets: u32, selected: u16) -> bool {
		use TemplateKind::*;
		match (self, kind) {
			(Self::None, ColumnSum | ColumnMean | ColumnVariance | Covariance) => true,
			(Self::None, RowSum) => (1..=MAX_FEATURE_LEAVES).contains(&selected.into()),
			(Self::Histogram { width, bins, .. }, Histogram) => *width > 0 && (2..=64).contains(bins),
			(Self::Weights(weights), WeightedSum | RowWeightedSum) => {
				let trees = if kind.is_row_wise() { 1 } else { data_sets };
				let leaves = u64::from(trees).saturating_mul(selected.into());
				weights.len() == usize::from(selected)
					&& !weights.contains(&0)
					&& (1..=MAX_FEATURE_LEAVES).contains(&leaves)
			},
			_ => false,
		}
	}

	/// The weights, by rank; none but for a weighted sum.
	pub fn weights(&self) -> &[i32] {
		match self {
			Self::Weights(weights) => weights,
			Self::None | Self::Histogram { .. } => &[],
		}
	}

	/// How often the value of a selected column stands in a row's sum, all columns together: the weights' absolute values,
	/// or one each.
	pub fn addends(&self, selected: u16) -> u64 {
		match self.weights() {
			[] => selected.into(),
			weights => weights.iter().fold(0, |sum, weight| sum.saturating_add(weight.unsigned_abs().into())),
		}
	}
}

/// The most bits of a sum of products: sums stay in 128 bits with a sign, and what is computed from them after the
/// decryption, too.
pub const MAX_SUM_BITS: u32 = 120;

/// Whether the sums of a template over columns of at most `bits` bits and so many rows can be computed with: none is
/// longer than [`MAX_SUM_BITS`], and all slots of a feature fit below a modulus of `modulus_bits` bits. Those of a
/// row-wise template always do: weights have 32 bits, and there are 32 of them.
pub fn sums_fit(kind: TemplateKind, parameters: &Parameters, bits: u8, rows: u64, modulus_bits: u32) -> bool {
	let of_rows = bit_length(rows.saturating_sub(1));
	let longest = match kind {
		TemplateKind::RowSum | TemplateKind::RowWeightedSum => return true,
		TemplateKind::ColumnVariance | TemplateKind::Covariance => u32::from(bits).saturating_mul(2),
		TemplateKind::WeightedSum => u32::from(bits).saturating_add(bit_length(parameters.addends(0))),
		TemplateKind::ColumnSum | TemplateKind::ColumnMean | TemplateKind::Histogram => 0,
	};
	let slots = kind.slots(parameters, bits, bits);
	let all = slots.iter().fold(0u32, |all, slot| all.saturating_add(slot_bits(*slot, rows)));
	longest.saturating_add(of_rows) <= MAX_SUM_BITS && all < modulus_bits
}

/// A template that jobs may name.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Template {
	/// Its name for people.
	pub name: Name,
	/// What it computes.
	pub kind: TemplateKind,
	/// Retired templates take no new jobs.
	pub retired: bool,
}

/// The blocks by which each stage must be over; strictly increasing.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize,
)]
pub struct Schedule<BlockNumber> {
	/// Every provider has confirmed.
	pub confirm_by: BlockNumber,
	/// The coordinator has committed the selection.
	pub select_by: BlockNumber,
	/// Every data provider has committed its inputs.
	pub inputs_by: BlockNumber,
	/// Every computing provider has committed its output.
	pub outputs_by: BlockNumber,
	/// The coordinator has committed the result.
	pub result_by: BlockNumber,
}

impl<BlockNumber: Copy + PartialOrd> Schedule<BlockNumber> {
	/// The last block in which `stage` may end.
	pub fn deadline(&self, stage: Stage) -> BlockNumber {
		match stage {
			Stage::Confirmation => self.confirm_by,
			Stage::Selection => self.select_by,
			Stage::Inputs => self.inputs_by,
			Stage::Outputs => self.outputs_by,
			Stage::Result => self.result_by,
		}
	}

	/// Whether each stage ends after the one before.
	pub fn is_increasing(&self) -> bool {
		let by = Stage::ALL.map(|stage| self.deadline(stage));
		by.iter().zip(by.iter().skip(1)).all(|(earlier, later)| earlier < later)
	}
}

/// Which features the user wants, without saying which.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct SelectionTerms {
	/// [`Selection::commitment`].
	pub commitment: H256,
	/// How many features are selected: `t`.
	pub selected: u16,
	/// The [`Selection`], SCALE-encoded and sealed to each computing provider in the contract's order, then to the
	/// coordinator; HPKE `info` as in [`sealing_info`].
	pub sealed: BoundedVec<Sealed, MaxSelectors>,
}

/// The opening of a selection's commitment.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking)]
pub struct Selection {
	/// Random bytes that hide the features in the commitment, and that all shared randomness of the job follows from.
	pub salt: [u8; 32],
	/// One bit a feature, the first feature lowest in the first byte, as many bytes as needed.
	pub bitmap: Vec<u8>,
}

impl Selection {
	/// The selection of `features` (indices) out of `total`; `None` if an index is outside or stands twice.
	pub fn new(salt: [u8; 32], features: &[u16], total: u16) -> Option<Self> {
		let mut bitmap = alloc::vec![0u8; usize::from(total.div_ceil(8))];
		for feature in features {
			let bit = 1u8 << (feature % 8);
			let byte = bitmap.get_mut(usize::from(feature / 8)).filter(|byte| *feature < total && **byte & bit == 0)?;
			*byte |= bit;
		}
		Some(Self { salt, bitmap })
	}

	/// The selected features' indices, ascending: the place of one is its rank.
	pub fn features(&self) -> Vec<u16> {
		let bit =
			|index: &u16| self.bitmap.get(usize::from(index / 8)).is_some_and(|byte| byte & (1u8 << (index % 8)) != 0);
		(0..self.bitmap.len().saturating_mul(8).min(usize::from(u16::MAX)) as u16).filter(bit).collect()
	}

	/// Whether this is a selection of `selected` out of `total` features, with as many bytes as needed.
	pub fn is_of(&self, selected: u16, total: u16) -> bool {
		let features = self.features();
		let inside = features.last().is_none_or(|last| *last < total);
		inside && features.len() == usize::from(selected) && self.bitmap.len() == usize::from(total.div_ceil(8))
	}

	/// What is committed to for each of `total` features.
	pub fn choices(&self, total: u16) -> Vec<FeatureChoice> {
		let features = self.features();
		let rank = |feature: &u16| features.binary_search(feature).ok().map(|rank| rank as u16);
		(0..total).map(|feature| FeatureChoice { salt: self.feature_salt(feature), rank: rank(&feature) }).collect()
	}

	/// What stands on chain: the Merkle root over the choices.
	pub fn commitment(&self, total: u16) -> H256 {
		merkle::root(&choice_leaves(&self.choices(total)))
	}

	/// The opening of one feature's choice; `None` if there is no such feature.
	pub fn open(&self, feature: u16, total: u16) -> Option<FeatureOpening> {
		let choices = self.choices(total);
		let path = merkle::path(&choice_leaves(&choices), usize::from(feature))?;
		let choice = choices.get(usize::from(feature))?.clone();
		Some(FeatureOpening { feature, choice, path: path.try_into().ok()? })
	}

	fn feature_salt(&self, feature: u16) -> [u8; 32] {
		hash::tagged("encrytrust/bmpc/feature-salt/2", &[&self.salt, &feature.to_le_bytes()]).0
	}
}

fn choice_leaves(choices: &[FeatureChoice]) -> Vec<H256> {
	(0u64..).zip(choices).map(|(index, choice)| merkle::leaf(index, &choice.encode())).collect()
}

/// What a selection says about one feature.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct FeatureChoice {
	/// Hides it in the commitment; selectors and blindings of this feature follow from it.
	pub salt: [u8; 32],
	/// Its rank among the selected features; `None` if it is not selected.
	pub rank: Option<u16>,
}

/// The opening of one feature's choice.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct FeatureOpening {
	/// Which feature.
	pub feature: u16,
	/// Whether it is selected.
	pub choice: FeatureChoice,
	/// From the choice to the commitment.
	pub path: Path,
}

impl FeatureOpening {
	/// Whether this is what a commitment over `total` features says.
	pub fn verify(&self, commitment: H256, total: u16) -> bool {
		let leaf = merkle::leaf(self.feature.into(), &self.choice.encode());
		merkle::verify(commitment, total.into(), self.feature.into(), leaf, &self.path)
	}
}

/// What a user asks for: formula (4).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Request<AccountId, Balance, BlockNumber> {
	/// What to compute.
	pub template: TemplateId,
	/// Over which data sets; each brings its provider.
	pub data_sets: BoundedVec<DataSetId, MaxDataProviders>,
	/// Which computing providers.
	pub computers: BoundedVec<AccountId, MaxComputers>,
	/// Which coordinator.
	pub coordinator: AccountId,
	/// What the template needs beside the columns.
	pub parameters: Parameters,
	/// The user's Paillier key: the result can be read with it alone.
	pub user_key: Modulus,
	/// sha2-256 of the blob that proves that the user's key is sound, see `docs/protocol/key-proofs.md`.
	pub user_key_proof: [u8; 32],
	/// Which columns.
	pub selection: SelectionTerms,
	/// By when.
	pub schedule: Schedule<BlockNumber>,
	/// The most that the user pays; the quote must not be above it.
	pub max_price: Balance,
}

/// A party of a job and its pay.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Party<AccountId, Balance> {
	/// Who.
	pub who: AccountId,
	/// What it is paid at settlement.
	pub pay: Balance,
	/// Its keys and address when the job was made.
	pub endpoint: Endpoint,
}

/// A data set's part in a job.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct DataParty<AccountId, Balance> {
	/// Which data set.
	pub data_set: DataSetId,
	/// Its rows when the job was made.
	pub rows: u64,
	/// [`DataSet::fingerprint`] when the job was made: the contract is about these rows and no others.
	pub fingerprint: H256,
	/// Its provider.
	pub party: Party<AccountId, Balance>,
}

/// A computing provider's part in a job.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct ComputingParty<AccountId, Balance> {
	/// Its Paillier key when the job was made.
	pub paillier: Modulus,
	/// sha2-256 of the blob that proves that the key is sound.
	pub key_proof: [u8; 32],
	/// The provider.
	pub party: Party<AccountId, Balance>,
}

/// A computation contract: everything that is fixed when a job is made. Its [`Contract::hash`] is what parties confirm.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Contract<AccountId, Balance, BlockNumber> {
	/// Who pays and reads the result.
	pub user: AccountId,
	/// What is computed.
	pub template: TemplateId,
	/// What that template computed when the job was made.
	pub kind: TemplateKind,
	/// What it needs beside the columns.
	pub parameters: Parameters,
	/// The data sets' columns.
	pub schema: Schema,
	/// The data providers, in the request's order.
	pub data: BoundedVec<DataParty<AccountId, Balance>, MaxDataProviders>,
	/// The computing providers, in the request's order.
	pub computing: BoundedVec<ComputingParty<AccountId, Balance>, MaxComputers>,
	/// The coordinator.
	pub coordinator: Party<AccountId, Balance>,
	/// The user's Paillier key.
	pub user_key: Modulus,
	/// sha2-256 of the blob that proves that the key is sound.
	pub user_key_proof: [u8; 32],
	/// Which columns, hidden.
	pub selection: SelectionTerms,
	/// By when.
	pub schedule: Schedule<BlockNumber>,
	/// Blocks between the result and its settlement, unless the user accepts earlier.
	pub challenge_period: BlockNumber,
	/// The service fee, paid to the ecology program at settlement.
	pub fee: Balance,
	/// What each party has at stake: engaged from its service bond until the job ends, and never less than the price,
	/// so that the bond of one pays all others.
	pub bond: Balance,
}

impl<AccountId, Balance, BlockNumber> Contract<AccountId, Balance, BlockNumber> {
	/// Rows of all data sets together.
	pub fn rows(&self) -> u64 {
		self.data.iter().fold(0, |rows, data| rows.saturating_add(data.rows))
	}

	/// All parties: data providers, computing providers, coordinator.
	pub fn parties(&self) -> impl Iterator<Item = (Role, &Party<AccountId, Balance>)> {
		let data = self.data.iter().map(|data| (Role::DataProvider, &data.party));
		let computing = self.computing.iter().map(|computing| (Role::ComputingProvider, &computing.party));
		data.chain(computing).chain(core::iter::once((Role::Coordinator, &self.coordinator)))
	}

	/// Number of features that the selection is made from: `K`. No contract without them is made.
	pub fn features(&self) -> u16 {
		self.kind.features(self.schema.columns().len() as u16).unwrap_or_default()
	}
}

impl<AccountId: Encode, Balance: Encode, BlockNumber: Encode> Contract<AccountId, Balance, BlockNumber> {
	/// What the parties confirm: Blake2b-256 under the tag `encrytrust/bmpc/contract/3` over genesis hash, job id
	/// (u64 LE) and the contract's SCALE encoding.
	pub fn hash(&self, genesis: &H256, job: JobId) -> H256 {
		hash::tagged("encrytrust/bmpc/contract/3", &[genesis.as_bytes(), &job.to_le_bytes(), &self.encode()])
	}
}

/// The stages in which somebody owes something.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
	/// Every party confirms the contract's hash.
	Confirmation,
	/// The coordinator commits the selection.
	Selection,
	/// The data providers commit their inputs.
	Inputs,
	/// The computing providers commit their outputs.
	Outputs,
	/// The coordinator commits the result.
	Result,
}

impl Stage {
	/// All stages in their order.
	pub const ALL: [Self; 5] = [Self::Confirmation, Self::Selection, Self::Inputs, Self::Outputs, Self::Result];
}

/// Why a provider would not take a job.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum DeclineReason {
	/// The user's key comes without a proof that it is sound.
	UserKey,
	/// The data set's policy forbids it.
	Policy,
	/// The data cannot be read, or is not what the contract says.
	Data,
	/// The schedule leaves too little time.
	Schedule,
	/// The selection does not open its commitment, or is another number of features.
	Selection,
	/// Anything else.
	Other,
	/// A computing provider's key comes without a proof that it is sound.
	ComputingKey,
}

/// What was wrong with what a party committed to.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum FaultKind {
	/// A node of a product tree is not the product of its children.
	Product,
	/// A product tree has not the leaves that it should have.
	Shape,
	/// A leaf of a computing provider's tree is not what the data provider committed to.
	Output,
	/// A leaf of the coordinator's tree is not the computing provider's output.
	Result,
	/// A selector is not the one that follows from the selection.
	Selector,
	/// The proof about a selection message does not hold.
	SelectionProof,
	/// An entry of a data provider's manifest cannot be read as one.
	Entry,
	/// A data provider's sealed feature does not open to what it committed to.
	Column,
	/// A demand was not answered.
	Withheld,
}

/// A demand for a part of what a party committed to.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Demand<AccountId, Balance, BlockNumber> {
	/// The stage of the commitment.
	pub stage: Stage,
	/// Whose commitment.
	pub who: AccountId,
	/// Which part, see `docs/protocol/bmpc.md`.
	pub piece: u32,
	/// Who asked.
	pub by: AccountId,
	/// What is on hold of the asker's.
	pub deposit: Balance,
	/// The last block in which it may be answered.
	pub deadline: BlockNumber,
}

/// Where a job stands.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Status<AccountId, BlockNumber> {
	/// Under way: `awaited` owe their part of `stage`, in the last block `deadline` at the latest.
	Open {
		/// The stage.
		stage: Stage,
		/// The last block in which it may end.
		deadline: BlockNumber,
		/// Who has not delivered.
		awaited: BoundedVec<AccountId, MaxParties>,
	},
	/// The result is there. From the block after `until` on anyone may settle; the user may accept before.
	Challenge {
		/// Last block of the window.
		until: BlockNumber,
	},
	/// Everyone was paid.
	Settled {
		/// In this block.
		at: BlockNumber,
	},
	/// A stage was not over in time; the late were slashed, and the user was refunded.
	Expired {
		/// Which stage.
		stage: Stage,
		/// Who was late.
		late: BoundedVec<AccountId, MaxParties>,
		/// When it was noticed.
		at: BlockNumber,
	},
	/// A provider declined before anything was done; the user was refunded.
	Declined {
		/// Who.
		by: AccountId,
		/// Why.
		reason: DeclineReason,
		/// When.
		at: BlockNumber,
	},
	/// A party was shown to be at fault; it was slashed, and the user was refunded.
	Faulty {
		/// Who.
		offender: AccountId,
		/// What was wrong.
		fault: FaultKind,
		/// Who showed it; nobody for a demand that was not answered.
		reporter: Option<AccountId>,
		/// When.
		at: BlockNumber,
	},
}

impl<AccountId, BlockNumber> Status<AccountId, BlockNumber> {
	/// Whether the job is over.
	pub fn is_ended(&self) -> bool {
		!matches!(self, Self::Open { .. } | Self::Challenge { .. })
	}
}

/// What a party committed to in a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Commitment {
	/// Root of the committed values, by stage: see `docs/protocol/bmpc.md`.
	pub root: H256,
	/// sha2-256 of the blob that carries them: its CIDv1 with the raw codec.
	pub blob: [u8; 32],
}

/// A commitment with its author and place.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Delivered<AccountId, BlockNumber> {
	/// In which stage.
	pub stage: Stage,
	/// By whom.
	pub who: AccountId,
	/// In which block.
	pub at: BlockNumber,
	/// What.
	pub commitment: Commitment,
}

/// A job as the runtime API tells it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct JobInfo<AccountId, Balance, BlockNumber> {
	/// What was fixed.
	pub contract: Contract<AccountId, Balance, BlockNumber>,
	/// What the parties confirm.
	pub hash: H256,
	/// In which block it was made.
	pub requested_at: BlockNumber,
	/// Where it stands.
	pub status: Status<AccountId, BlockNumber>,
	/// Everything committed so far, by stage and party.
	pub commitments: Vec<Delivered<AccountId, BlockNumber>>,
}

/// What a job costs: formula (5).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Quote<AccountId, Balance> {
	/// Pay of each data provider: cells × price.
	pub data: Vec<(AccountId, Balance)>,
	/// Pay of each computing provider: work × price.
	pub computing: Vec<(AccountId, Balance)>,
	/// Pay of the coordinator; with the fee, the formula's gas.
	pub coordination: Balance,
	/// The service fee.
	pub fee: Balance,
	/// All of it.
	pub total: Balance,
	/// What each party must have free of its service bond, see [`Contract::bond`].
	pub bond: Balance,
}

/// Something that an account should do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Duty<BlockNumber> {
	/// For which job.
	pub job: JobId,
	/// What.
	pub kind: DutyKind,
	/// The last block in which it is of use; none for what stays useful.
	pub deadline: Option<BlockNumber>,
}

/// The kinds of duties.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DutyKind {
	/// Check the contract; confirm or decline it.
	Confirm,
	/// Commit the selection.
	CommitSelection,
	/// Commit a data set's inputs.
	CommitInputs,
	/// Commit a computing provider's output.
	CommitOutput,
	/// Commit the result.
	CommitResult,
	/// Settle: the challenge window is over.
	Settle,
	/// Expire: a stage is overdue.
	Expire,
	/// Answer a demand; see the runtime API's `demands`.
	AnswerDemand,
	/// Expire a demand: it was not answered in time.
	ExpireDemand,
}

/// Why a modulus is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModulusError {
	/// Neither 2048 nor 3072 bits, exactly.
	Length,
	/// Even.
	Even,
	/// A prime.
	Prime,
}

/// Cheap checks of a Paillier modulus: 2048 or 3072 bits exactly, odd, not a prime.
///
/// They refuse mistakes. That the modulus is a product of two fitting primes is for the key's owner to prove.
pub fn check_modulus(modulus: &[u8]) -> Result<(), ModulusError> {
	let full = modulus.first().is_some_and(|byte| byte & 0x80 != 0);
	if !full || !matches!(modulus.len(), 256 | 384) {
		return Err(ModulusError::Length);
	}
	if modulus.last().is_none_or(|byte| byte & 1 == 0) {
		return Err(ModulusError::Even);
	}
	if crate::big_integers::is_probable_prime(modulus) {
		return Err(ModulusError::Prime);
	}
	Ok(())
}

/// HPKE's `info` for a message about a job: it is bound to its kind, chain, sender and receiver, and to `context`
/// (SCALE encoding of what the kind's section in `docs/protocol/bmpc.md` lists).
pub fn sealing_info(kind: &str, genesis: &H256, from: &[u8], to: &[u8], context: &[u8]) -> [u8; 32] {
	hash::tagged("encrytrust/bmpc/seal/1", &[kind.as_bytes(), genesis.as_bytes(), from, to, context]).0
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_selection_names_each_column_once() {
		let selection = Selection::new([1; 32], &[0, 9, 29], 30).unwrap();
		assert_eq!((selection.bitmap.len(), selection.features()), (4, vec![0, 9, 29]));
		assert_eq!(Selection::new([1; 32], &[30], 30), None);
		assert_eq!(Selection::new([1; 32], &[3, 3], 30), None);
	}

	#[test]
	fn another_salt_or_column_is_another_commitment() {
		let commitment = |salt, columns: &[u16]| Selection::new([salt; 32], columns, 30).unwrap().commitment(30);
		assert_ne!(commitment(1, &[2]), commitment(2, &[2]));
		assert_ne!(commitment(1, &[2]), commitment(1, &[3]));
	}

	#[test]
	fn a_feature_opens_to_its_rank_alone() {
		let selection = Selection::new([1; 32], &[0, 9, 29], 30).unwrap();
		let commitment = selection.commitment(30);
		for feature in 0..30 {
			let opening = selection.open(feature, 30).unwrap();
			assert!(opening.verify(commitment, 30));
			assert_eq!(opening.choice.rank, [0, 9, 29].iter().position(|chosen| *chosen == feature).map(|r| r as u16));
			let mut other = opening.clone();
			other.choice.rank = Some(7);
			assert!(!other.verify(commitment, 30));
			assert!(!FeatureOpening { feature: (feature + 1) % 30, ..opening.clone() }.verify(commitment, 30));
		}
		assert_eq!(selection.open(30, 30), None);
	}

	#[test]
	fn a_selection_is_of_its_features() {
		let selection = Selection::new([1; 32], &[0, 9], 30).unwrap();
		assert!(selection.is_of(2, 30) && selection.is_of(2, 32));
		for (name, selected, total) in
			[("too few", 3, 30), ("too many", 1, 30), ("outside", 2, 9), ("a byte too long", 2, 24)]
		{
			assert!(!selection.is_of(selected, total), "{name}");
		}
	}

	#[test]
	fn pairs_are_counted_in_lexicographic_order() {
		for columns in 0..12u16 {
			let all: Vec<_> = (0..columns).flat_map(|a| (a + 1..columns).map(move |b| (a, b))).collect();
			let counted: Vec<_> = (0..).map_while(|feature| pair(feature, columns)).collect();
			assert_eq!(counted, all);
			let features = TemplateKind::Covariance.features(columns);
			assert_eq!(features, (!all.is_empty()).then_some(all.len() as u16));
		}
		assert_eq!(TemplateKind::Covariance.features(45), Some(990));
		assert_eq!(TemplateKind::Covariance.features(46), None);
		assert_eq!(TemplateKind::ColumnSum.features(1024), Some(1024));
		assert_eq!(TemplateKind::ColumnSum.features(1025), None);
	}

	#[test]
	fn parameters_fit_their_template_alone() {
		let histogram = |width, bins| Parameters::Histogram { low: -5, width, bins };
		let weights = |weights: &[i32]| Parameters::Weights(weights.to_vec().try_into().unwrap());
		use TemplateKind::*;
		for (name, kind, parameters, fit) in [
			("a sum without", ColumnSum, Parameters::None, true),
			("a sum with weights", ColumnSum, weights(&[1, 2]), false),
			("a covariance with bins", Covariance, histogram(1, 2), false),
			("a histogram without", Histogram, Parameters::None, false),
			("one bin", Histogram, histogram(1, 1), false),
			("two bins", Histogram, histogram(1, 2), true),
			("64 bins", Histogram, histogram(u64::MAX, 64), true),
			("65 bins", Histogram, histogram(1, 65), false),
			("bins without width", Histogram, histogram(0, 2), false),
			("as many weights as columns", WeightedSum, weights(&[i32::MIN, i32::MAX]), true),
			("a weight too few", WeightedSum, weights(&[1]), false),
			("a weight too many", WeightedSum, weights(&[1, 2, 3]), false),
			("a weight of zero", WeightedSum, weights(&[1, 0]), false),
			("rows without", RowSum, Parameters::None, true),
			("rows with weights", RowSum, weights(&[1, 2]), false),
			("weighted rows without", RowWeightedSum, Parameters::None, false),
			("weighted rows", RowWeightedSum, weights(&[-1, 2]), true),
			("weighted rows with a zero", RowWeightedSum, weights(&[0, 2]), false),
		] {
			assert_eq!(parameters.fit(kind, 16, 2), fit, "{name}");
		}
		assert!(weights(&[1; 32]).fit(WeightedSum, 16, 32));
		assert!(!weights(&[1; 32]).fit(WeightedSum, 17, 32));
		// Rows are not added over data sets.
		assert!(weights(&[1; 32]).fit(RowWeightedSum, 17, 32));
		for (selected, fit) in [(0, false), (1, true), (512, true), (513, false)] {
			assert_eq!(Parameters::None.fit(RowSum, 16, selected), fit, "{selected}");
		}
	}

	#[test]
	fn sums_fit_to_the_bit() {
		let weights = Parameters::Weights(vec![1 << 30; 2].try_into().unwrap());
		let bins = |bins| Parameters::Histogram { low: 0, width: 1, bins };
		use TemplateKind::*;
		for (name, kind, parameters, bits, rows, fit) in [
			("squares of 56 bits", ColumnVariance, Parameters::None, 56, 256, true),
			("a row more", ColumnVariance, Parameters::None, 56, 257, false),
			("squares of 60 bits", ColumnVariance, Parameters::None, 60, 1, true),
			("a bit more", Covariance, Parameters::None, 61, 1, false),
			("weights of 31 bits", WeightedSum, weights.clone(), 57, 1 << 31, true),
			("a row more", WeightedSum, weights, 57, (1 << 31) + 1, false),
			("the widest sums", ColumnMean, Parameters::None, 62, u64::MAX, true),
			("64 bins of 31 bits", Histogram, bins(64), 1, 1 << 29, true),
			("64 bins of 32 bits", Histogram, bins(64), 1, 1 << 30, false),
			("63 bins of 32 bits", Histogram, bins(63), 1, 1 << 30, true),
		] {
			assert_eq!(sums_fit(kind, &parameters, bits, rows, 2048), fit, "{name}");
		}
	}

	/// The prime of RFC 3526's group 14, 2048 bits.
	const PRIME: &str = "\
		FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD\
		EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED\
		EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F\
		83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B\
		E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510\
		15728E5A8AACAA68FFFFFFFFFFFFFFFF";

	#[test]
	fn moduli_are_refused_by_length_parity_and_primality() {
		let modulus = |len: usize, first: u8, last: u8| {
			let mut bytes = vec![0x5a; len];
			(bytes[0], bytes[len - 1]) = (first, last);
			bytes
		};
		let prime = num_bigint::BigUint::parse_bytes(PRIME.as_bytes(), 16).unwrap().to_bytes_be();
		for (name, modulus, error) in [
			("empty", vec![], ModulusError::Length),
			("2040 bits", modulus(255, 0xff, 1), ModulusError::Length),
			("2047 bits", modulus(256, 0x7f, 1), ModulusError::Length),
			("2056 bits", modulus(257, 0xff, 1), ModulusError::Length),
			("3064 bits", modulus(383, 0xff, 1), ModulusError::Length),
			("4096 bits", modulus(512, 0xff, 1), ModulusError::Length),
			("a leading zero", modulus(256, 0, 1), ModulusError::Length),
			("even", modulus(256, 0xff, 2), ModulusError::Even),
			("prime", prime.clone(), ModulusError::Prime),
		] {
			assert_eq!(check_modulus(&modulus), Err(error), "{name}");
		}
		assert_eq!(check_modulus(&modulus(256, 0xff, 3)), Ok(()));
		assert_eq!(check_modulus(&modulus(384, 0x80, 3)), Ok(()));
	}

	#[test]
	fn all_parties_have_room() {
		use sp_core::TypedGet;
		assert_eq!(MaxParties::get(), MaxDataProviders::get() + MaxComputers::get() + 1);
	}

	#[test]
	fn a_schedule_must_increase() {
		let mut schedule = Schedule { confirm_by: 1, select_by: 2, inputs_by: 3, outputs_by: 4, result_by: 5 };
		assert!(schedule.is_increasing());
		schedule.outputs_by = 3;
		assert!(!schedule.is_increasing());
	}
}
