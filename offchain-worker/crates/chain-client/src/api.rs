//! The runtime APIs `BmpcApi`, `IdentityApi` and `BondsApi`, read at one block.

use crate::{
	AccountId, BondInfo, BondKind, Client, Dataset, DispatchFailure, Duty, Error, IdentityKey, IdentityKeyEvent,
	IdentityKeyRequest, JobInfo, OpenUnit, Publication, Quote, Registration, Request, H256,
};
use codec::{Decode, Encode};
use encrytrust_types::{
	identity::{KeyId, Standing, VerifyingKeyInfo},
	job::{Role, Template},
	DatasetId, JobId, TemplateId,
};

/// The runtime APIs at one block; made by [`Client::at`].
#[derive(Clone, Copy, Debug)]
pub struct Api<'a> {
	client: &'a Client,
	at: H256,
}

impl Client {
	/// The runtime APIs at a block.
	pub fn at(&self, block: H256) -> Api<'_> {
		Api { client: self, at: block }
	}
}

impl Api<'_> {
	async fn bmpc<R: Decode>(&self, method: &str, arguments: impl Encode) -> Result<R, Error> {
		self.client.state_call(&format!("BmpcApi_{method}"), &arguments.encode(), self.at).await
	}

	async fn identity<R: Decode>(&self, method: &str, arguments: impl Encode) -> Result<R, Error> {
		self.client.state_call(&format!("IdentityApi_{method}"), &arguments.encode(), self.at).await
	}

	/// An identity key, if one of this id was issued.
	pub async fn identity_key(&self, id: KeyId) -> Result<Option<IdentityKey>, Error> {
		self.identity("key", id).await
	}

	/// A request for an identity key, if there is one of this id.
	pub async fn identity_request(&self, id: KeyId) -> Result<Option<IdentityKeyRequest>, Error> {
		self.identity("request", id).await
	}

	/// Whether `account` has an active identity key, and can participate in new jobs.
	pub async fn standing(&self, account: &AccountId) -> Result<Standing, Error> {
		self.identity("standing", account).await
	}

	/// At most `limit` identity keys of `account`, the newest first, from `from` on.
	pub async fn identity_keys_of(
		&self,
		account: &AccountId,
		from: Option<KeyId>,
		limit: u32,
	) -> Result<Vec<(KeyId, IdentityKey)>, Error> {
		self.identity("keys_of", (account, from, limit)).await
	}

	/// The history of an identity key.
	pub async fn identity_history(&self, id: KeyId) -> Result<Vec<IdentityKeyEvent>, Error> {
		self.identity("history", id).await
	}

	/// The verifying key of proofs about identity keys.
	pub async fn verifying_key(&self) -> Result<Option<VerifyingKeyInfo>, Error> {
		self.identity("verifying_key", ()).await
	}

	/// The bond of `account`, if it has one of this kind.
	pub async fn bond(&self, kind: BondKind, account: &AccountId) -> Result<Option<BondInfo>, Error> {
		self.client.state_call("BondsApi_bond", &(kind, account).encode(), self.at).await
	}

	/// What `request` would cost `who`, or why the chain would refuse it.
	pub async fn quote(&self, who: &AccountId, request: &Request) -> Result<Result<Quote, DispatchFailure>, Error> {
		// The refusal is a structure of one field: the name of the pallet's error.
		let quote: Result<Quote, String> = self.bmpc("quote", (who, request)).await?;
		Ok(quote.map_err(|error| DispatchFailure::of_pallet("Bmpc", &error, &self.client.metadata())))
	}

	/// A job, if there is one of this id.
	pub async fn job(&self, id: JobId) -> Result<Option<JobInfo>, Error> {
		self.bmpc("job", id).await
	}

	/// The current duties of `account`.
	pub async fn duties(&self, account: &AccountId) -> Result<Vec<Duty>, Error> {
		self.bmpc("duties", account).await
	}

	/// The challenged units of a job that are not published in full.
	pub async fn open_units(&self, job: JobId) -> Result<Vec<OpenUnit>, Error> {
		self.bmpc("open_units", job).await
	}

	/// The extrinsic, needing no account, that publishes a chunk of a challenged unit; `None` if the chunk is too long.
	pub async fn publication(&self, publication: &Publication) -> Result<Option<Vec<u8>>, Error> {
		let Publication { job, unit, chunk, bytes, path } = publication;
		self.bmpc("publication", (job, unit, chunk, bytes, path)).await
	}

	/// The registration of `account` in `role`.
	pub async fn role(&self, role: Role, account: &AccountId) -> Result<Option<Registration>, Error> {
		self.bmpc("role", (role, account)).await
	}

	/// At most `limit` registrations in `role`, from the one after `after` on.
	pub async fn roles(
		&self,
		role: Role,
		after: Option<&AccountId>,
		limit: u32,
	) -> Result<Vec<(AccountId, Registration)>, Error> {
		self.bmpc("roles", (role, after, limit)).await
	}

	/// A dataset, if there is one of this id.
	pub async fn dataset(&self, id: DatasetId) -> Result<Option<Dataset>, Error> {
		self.bmpc("dataset", id).await
	}

	/// At most `limit` datasets, from `from` on.
	pub async fn datasets(&self, from: DatasetId, limit: u32) -> Result<Vec<(DatasetId, Dataset)>, Error> {
		self.bmpc("datasets", (from, limit)).await
	}

	/// A template, if there is one of this id.
	pub async fn template(&self, id: TemplateId) -> Result<Option<Template>, Error> {
		self.bmpc("template", id).await
	}

	/// All templates.
	pub async fn templates(&self) -> Result<Vec<(TemplateId, Template)>, Error> {
		self.bmpc("templates", ()).await
	}
}
