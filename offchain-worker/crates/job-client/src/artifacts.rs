//! What was published in a job, as far as it is here.

use encrytrust_blob_store::BlobStore;
use encrytrust_chain_client::{BlockNumber, Delivered, Error as ChainError, Publication};
use encrytrust_protocol::{
	verification::{is_committed, Answer},
	Blobs, Job, Store,
};
use encrytrust_types::job::Unit;
use std::{collections::BTreeMap, future::Future, io, ops::RangeInclusive, sync::Arc};
use tracing::debug;

/// Blobs, and what was published on chain.
#[derive(Clone, Debug)]
pub struct JobArtifacts {
	/// Blobs.
	pub blobs: BlobStore,
	/// Chunks that were published because their units were challenged.
	pub publications: Arc<Publications>,
}

/// Published chunks with their paths, by unit and chunk.
pub type Publications = BTreeMap<(Unit, u32), Answer>;

impl JobArtifacts {
	/// Blobs alone.
	pub fn of_blobs(blobs: BlobStore) -> Self {
		Self { blobs, publications: Arc::default() }
	}
}

impl Blobs for JobArtifacts {
	fn blob(&self, digest: &[u8; 32]) -> Option<Vec<u8>> {
		// A damaged blob is set aside: it is one that is not here.
		self.blobs.get(digest).ok().flatten()
	}

	fn has(&self, digest: &[u8; 32]) -> bool {
		self.blobs.has(digest).unwrap_or_default()
	}

	fn answer(&self, unit: &Unit, chunk: u32) -> Option<Answer> {
		self.publications.get(&(*unit, chunk)).cloned()
	}
}

impl Store for JobArtifacts {
	fn keep(&self, blob: &[u8]) -> io::Result<()> {
		self.blobs.put(blob).map(|_| ()).map_err(io::Error::other)
	}
}

/// The first block that can have a chunk of one of these units, by their numbers: the earliest in which one of their owners
/// committed to it. `None` if none of them was committed to.
pub fn first_publication(
	job: &Job,
	commitments: &[Delivered],
	units: impl IntoIterator<Item = u32>,
) -> Option<BlockNumber> {
	let contract = &job.contract;
	let committed = |unit: Unit| {
		let owner = &contract.unit_owner(&unit)?.who;
		commitments.iter().find(|delivered| delivered.stage == unit.stage() && delivered.who == *owner)
	};
	let units = units.into_iter().filter_map(|number| contract.unit(number));
	units.filter_map(committed).map(|delivered| delivered.at).min()
}

/// Reads, block by block, the chunks of a job's units that were published as they were committed to. `published_in` reads
/// those of a block; `keep` is given what was found in a block and the block's number, for each block once those before it
/// are kept. What the node has thrown away is passed over.
///
/// # Errors
///
/// The first of a block that cannot be read now, and of `keep`: what was kept is to be read on from there.
pub async fn read_publications<E: From<ChainError>, F: Future<Output = Result<Vec<Publication>, ChainError>>>(
	job: &Job,
	commitments: &[Delivered],
	blocks: RangeInclusive<BlockNumber>,
	published_in: impl Fn(BlockNumber) -> F,
	mut keep: impl FnMut(Publications, BlockNumber) -> Result<(), E>,
) -> Result<(), E> {
	let mut forgotten = 0u32;
	for number in blocks {
		let found = match published_in(number).await {
			Err(ChainError::BlockPruned(_)) => {
				forgotten += 1;
				vec![]
			},
			found => found?,
		};
		let mut publications = Publications::new();
		for Publication { unit, chunk, bytes, path, .. } in found.into_iter().filter(|found| found.job == job.id) {
			let answer = Answer { bytes, path };
			let unit = job.contract.unit(unit).filter(|unit| is_committed(job, commitments, unit, chunk, &answer));
			publications.extend(unit.map(|unit| ((unit, chunk), answer)));
		}
		keep(publications, number)?;
	}
	if forgotten > 0 {
		debug!(job = job.id, "the node has forgotten {forgotten} of the blocks in which units may have been published");
	}
	Ok(())
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::Inspection;
	use encrytrust_chain_client::{AccountId, Contract, Party, Schedule, H256};
	use encrytrust_protocol::{coordinator, verification::answer_chunk};
	use encrytrust_types::{
		dataset::{Column, Schema},
		job::{
			Commitment, ComputingParty, DataParty, Endpoint, Parameters, Selection, SelectionTerms, Stage, TemplateKind,
		},
		Modulus,
	};
	use std::cell::RefCell;

	const DATA: [u8; 2] = [1, 2];
	const COMPUTING: u8 = 3;
	const COORDINATOR: u8 = 4;

	fn party(who: u8) -> Party {
		let endpoint = Endpoint { sealing: [who; 32], peer: [who; 32], address: Default::default() };
		Party { who: AccountId([who; 32]), pay: 1, charges: 0, endpoint }
	}

	/// A product of two primes.
	fn modulus() -> Modulus {
		let vectors = include_str!("../../../../tests/fixtures/vectors/masks.json");
		let line = vectors.lines().find_map(|line| line.trim().strip_prefix("\"user_key\": \"")).unwrap();
		hex::decode(line.trim_end_matches(['"', ','])).unwrap().try_into().unwrap()
	}

	fn job() -> Job {
		let column = |name: &str| Column { name: name.as_bytes().to_vec().try_into().unwrap(), decimals: 0, bits: 30 };
		let data = DATA.map(|who| DataParty {
			dataset: who.into(),
			dataset_rows: 5,
			first_row: 0,
			rows: 5,
			fingerprint: H256([who; 32]),
			party: party(who),
		});
		let computing = ComputingParty { paillier: modulus(), key_proof: [5; 32], party: party(COMPUTING) };
		let contract = Contract {
			user: AccountId([9; 32]),
			template: 1,
			kind: TemplateKind::ColumnMean,
			parameters: Parameters::None,
			schema: Schema::try_from(vec![column("age"), column("weight")]).unwrap(),
			data: data.to_vec().try_into().unwrap(),
			computing: vec![computing].try_into().unwrap(),
			coordinator: party(COORDINATOR),
			user_key: modulus(),
			user_key_proof: [6; 32],
			selection: SelectionTerms { commitment: H256([0; 32]), selected: 1, sealed: Default::default() },
			schedule: Schedule::uniform(100),
			challenge_period: 1,
			answer_period: 1,
			charge_per_byte: 0,
			user_charges: 0,
			fee: 0,
			bond: 0,
		};
		Job::new(3, H256([0; 32]), contract).unwrap()
	}

	fn delivered(stage: Stage, who: u8, at: BlockNumber, commitment: Commitment) -> Delivered {
		Delivered { stage, who: AccountId([who; 32]), at, commitment }
	}

	/// The coordinator's commitment, and the chunk that it publishes when it is challenged.
	fn published(job: &Job) -> (Vec<Delivered>, Publication) {
		let selection = Selection::new([9; 32], &[1], job.features()).unwrap();
		let message = coordinator::selection(job, &selection).unwrap();
		let commitments = vec![delivered(Stage::Selection, COORDINATOR, 40, message.commitment)];
		let folder = tempfile::tempdir().unwrap();
		let artifacts = JobArtifacts::of_blobs(BlobStore::open(folder.path()).unwrap());
		artifacts.keep(&message.blob).unwrap();
		let inspection = Inspection::new(job.clone(), commitments.clone(), artifacts);
		let Answer { bytes, path } =
			answer_chunk(&inspection.view(), &Unit::Selection { computing: 0 }, 0).expect("it can be published");
		(commitments, Publication { job: job.id, unit: 0, chunk: 0, bytes, path })
	}

	type Kept = Vec<(BlockNumber, Vec<(Unit, u32)>)>;

	/// Reads blocks, of which some fail; what was kept, and the error.
	async fn read(
		job: &Job,
		commitments: &[Delivered],
		blocks: RangeInclusive<BlockNumber>,
		published_in: impl Fn(BlockNumber) -> Result<Vec<Publication>, ChainError>,
	) -> (Kept, Result<(), ChainError>) {
		let kept = RefCell::new(Kept::new());
		let keep = |found: Publications, number| {
			kept.borrow_mut().push((number, found.into_keys().collect()));
			Ok(())
		};
		let read =
			read_publications(job, commitments, blocks, |number| std::future::ready(published_in(number)), keep).await;
		(kept.into_inner(), read)
	}

	#[tokio::test]
	async fn publications_are_kept_block_by_block_up_to_one_that_cannot_be_read() {
		let job = job();
		let (commitments, good) = published(&job);
		let published_in = |number| match number {
			41 => Err(ChainError::BlockPruned(41)),
			42 => Ok(vec![
				Publication { job: 4, ..good.clone() },
				Publication { unit: u32::MAX, ..good.clone() },
				Publication { chunk: 7, ..good.clone() },
				Publication { bytes: vec![1; 70], ..good.clone() },
				Publication { path: vec![H256([1; 32]); 64], ..good.clone() },
				good.clone(),
			]),
			44 => Err(ChainError::Rpc { what: "a block".into(), reason: "request timeout".into() }),
			_ => Ok(vec![]),
		};
		let chunk = (Unit::Selection { computing: 0 }, 0);
		let (kept, read_to) = read(&job, &commitments, 40..=50, published_in).await;
		assert_eq!(kept, [(40, vec![]), (41, vec![]), (42, vec![chunk]), (43, vec![])]);
		assert!(matches!(read_to, Err(ChainError::Rpc { .. })));
		let (kept, read_to) = read(&job, &commitments, 45..=46, published_in).await;
		assert_eq!((kept, read_to.is_ok()), (vec![(45, vec![]), (46, vec![])], true));
	}

	#[test]
	fn first_publication_is_after_the_earliest_commitment_of_the_units_owners() {
		let job = job();
		let commitment = Commitment { root: H256([0; 32]), blob: [0; 32] };
		let commitments = [
			delivered(Stage::Selection, COORDINATOR, 40, commitment),
			delivered(Stage::Inputs, DATA[1], 50, commitment),
			delivered(Stage::Inputs, DATA[0], 60, commitment),
			delivered(Stage::Outputs, COMPUTING, 70, commitment),
			delivered(Stage::Result, COORDINATOR, 80, commitment),
		];
		let first = |units: &[Unit]| {
			let units = units.iter().map(|unit| job.contract.unit_index(unit).unwrap());
			first_publication(&job, &commitments, units)
		};
		let entries = |data| Unit::Entries { data, part: 0 };
		assert_eq!(first(&[]), None);
		assert_eq!(first(&[Unit::Selection { computing: 0 }]), Some(40));
		assert_eq!(first(&[entries(0)]), Some(60));
		assert_eq!(first(&[entries(0), Unit::Result { part: 0 }, entries(1)]), Some(50));
		assert_eq!(first(&[Unit::Outputs { computing: 0, part: 0 }]), Some(70));
		assert_eq!(first_publication(&job, &commitments[..1], [job.contract.unit_index(&entries(0)).unwrap()]), None);
		assert_eq!(first_publication(&job, &commitments, [u32::MAX]), None);
	}
}
