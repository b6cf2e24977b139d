//! What a worker registers on chain.

use crate::{
	config::Config,
	daemon::open_paillier,
	database::Database,
	declaration::{columns, declare, Declaration},
	keys::MasterSecret,
	network::peer_key,
};
use anyhow::{bail, Context, Result};
use encrytrust_blob_store::BlobStore;
use encrytrust_chain_client::{
	account_of, AccountId, Balance, BlockNumber, Call, Client, Dataset, Delivered, Offer, StorageKey, H256,
};
use encrytrust_datasets::ColumnSpec;
use encrytrust_job_client::{files::private_folder, user_key, Progress};
use encrytrust_paillier::SecretKey;
use encrytrust_types::{
	job::{DataParty, Endpoint, Role, Stage},
	DatasetId, JobId,
};

/// What a worker's configuration offers in a role. A computing provider's key is proven, which takes some seconds, and the
/// proof stored among the worker's blobs, where others fetch it.
pub async fn endpoint_and_offer(
	config: &Config,
	genesis: H256,
	role: Role,
	price: Option<Balance>,
	progress: &dyn Progress,
) -> Result<(Endpoint, Offer)> {
	let secret = MasterSecret::open(config).await?;
	let address = config.announce.as_bytes().to_vec().try_into();
	let endpoint = Endpoint {
		sealing: secret.sealing().public(),
		peer: peer_key(&secret),
		address: address.map_err(|_| anyhow::anyhow!("`announce` is too long: at most 128 bytes"))?,
	};
	let price = match (role, price) {
		(Role::DataProvider, None) => 0,
		(Role::DataProvider, Some(_)) => bail!("a data provider's prices stand at its data sets: leave --price out"),
		(_, Some(price)) => price,
		(_, None) => bail!("say the price with --price ETS"),
	};
	let offer = match role {
		Role::DataProvider => Offer::DataProvider,
		Role::Coordinator => Offer::Coordinator { price },
		Role::ComputingProvider => {
			let key = open_paillier(config).await?;
			let key = key.context("the configuration has no section [paillier]")?;
			let modulus = key.public().modulus_bytes();
			let paillier = modulus.try_into().map_err(|_| anyhow::anyhow!("the Paillier key is too long"))?;
			let key_proof = stored_proof(config, genesis, key, progress).await?;
			Offer::ComputingProvider { price, paillier, key_proof }
		},
	};
	Ok((endpoint, offer))
}

/// The digest of a proof about a computing provider's key, made and stored where its worker serves it.
async fn stored_proof(config: &Config, genesis: H256, key: SecretKey, progress: &dyn Progress) -> Result<[u8; 32]> {
	let signer = config.owner()?;
	private_folder(&config.state).with_context(|| format!("cannot create the folder {}", config.state))?;
	let blobs = BlobStore::open(&config.blobs())?;
	let proof = user_key::prove(key, genesis, &account_of(&signer), progress).await?;
	Ok(tokio::task::spawn_blocking(move || blobs.put(&proof)).await??)
}

/// What came of a data set that was declared again.
#[derive(Clone, Debug)]
pub struct Refreshed {
	/// What its rows are declared to be now.
	pub now: Declaration,
	/// How they differ from what they were declared to be before.
	pub changes: Vec<String>,
	/// The block of the new declaration; none if nothing has changed.
	pub block: Option<BlockNumber>,
	/// The jobs that still take the rows as they were declared before.
	pub under_way: Vec<JobId>,
}

/// Declares that a data set's rows have changed, if they have.
pub async fn refresh_dataset(config: &Config, client: &Client, id: DatasetId) -> Result<Refreshed> {
	let source = config.source(id)?;
	let source = source.with_context(|| format!("{} has no [[dataset]] with id {id}", config.path))?;
	let current = dataset(client, id).await?;
	let columns = columns(&current.schema)?;
	let now = declare(config, source, columns.clone()).await?;
	let before = Declaration { rows: current.rows, fingerprint: H256(current.fingerprint.0) };
	if now == before {
		return Ok(Refreshed { now, changes: Vec::new(), block: None, under_way: Vec::new() });
	}
	let changes = changes(config, before, now, &columns)?;
	let signer = config.owner()?;
	let call = Call::refresh_dataset(id, now.rows, now.fingerprint);
	let (block, _) = client.execute(&call, &signer).await?;
	let under_way = under_way(config, client, id).await?;
	Ok(Refreshed { now, changes, block: Some(block.number), under_way })
}

/// The jobs that still take the rows that a data set had before.
async fn under_way(config: &Config, client: &Client, id: DatasetId) -> Result<Vec<JobId>> {
	let head = client.finalized().await?;
	let end: JobId = client.storage(&StorageKey::next_job_id(), head.hash).await?.unwrap_or_default();
	let mut jobs = Vec::new();
	for job in Database::open(&config.database())?.first_open_job()?..end {
		let Some(info) = client.at(head.hash).job(job).await? else { continue };
		if !info.status.is_ended() && takes_rows(&info.contract.data, &info.commitments, id) {
			jobs.push(job);
		}
	}
	Ok(jobs)
}

/// Whether a job is over a data set, and without that one's inputs yet.
fn takes_rows(data: &[DataParty<AccountId, Balance>], commitments: &[Delivered], id: DatasetId) -> bool {
	let Some(data) = data.iter().find(|data| data.dataset == id) else { return false };
	!commitments.iter().any(|delivered| delivered.stage == Stage::Inputs && delivered.who == data.party.who)
}

/// What has changed between two declarations, as far as this worker's state folder tells.
fn changes(config: &Config, before: Declaration, now: Declaration, columns: &[ColumnSpec]) -> Result<Vec<String>> {
	let database = Database::open(&config.database())?;
	let summaries = (database.summary(before.fingerprint)?, database.summary(now.fingerprint)?);
	Ok(match summaries {
		(Some(before), Some(now)) => before.changes(&now, columns),
		_ => vec![format!("{} rows, before {}; more is not in the state folder", now.rows, before.rows)],
	})
}

/// A data set as it stands in the latest finalised block.
pub async fn dataset(client: &Client, id: DatasetId) -> Result<Dataset> {
	let head = client.finalized().await?;
	let current = client.at(head.hash).dataset(id).await?;
	current.with_context(|| format!("there is no data set {id}: look with `encrytrust dataset list`"))
}

#[cfg(test)]
mod tests {
	use super::*;
	use encrytrust_chain_client::Party;
	use encrytrust_types::job::Commitment;

	#[test]
	fn jobs_that_still_take_a_data_sets_rows_are_told() {
		let who = |byte| AccountId([byte; 32]);
		let data = |dataset| DataParty {
			dataset,
			dataset_rows: 1,
			first_row: 0,
			rows: 1,
			fingerprint: H256::zero(),
			party: Party {
				who: who(dataset as u8),
				pay: 1,
				charges: 0,
				endpoint: Endpoint { sealing: [0; 32], peer: [0; 32], address: Default::default() },
			},
		};
		let delivered = |stage, who| {
			let commitment = Commitment { root: H256([0; 32]), blob: [0; 32] };
			Delivered { stage, who, at: 3, commitment }
		};
		let data = [data(1), data(2)];
		assert!(takes_rows(&data, &[], 1));
		assert!(!takes_rows(&data, &[], 3), "another data set");
		assert!(takes_rows(&data, &[delivered(Stage::Selection, who(1)), delivered(Stage::Inputs, who(2))], 1));
		assert!(!takes_rows(&data, &[delivered(Stage::Inputs, who(1))], 1), "it has them");
	}
}
