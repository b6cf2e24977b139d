//! `bmpc_*`: computation contracts as JSON.

use super::reader::{page_size, Reader};
use encrytrust_runtime::{opaque::Block, AccountId, Balance, BlockNumber, Hash};
use encrytrust_types::{job::Role, DatasetId, JobId, TemplateId};
use jsonrpsee::{core::RpcResult, proc_macros::rpc, types::ErrorObjectOwned};
use pallet_bmpc::runtime_api::{BmpcApi as BmpcRuntimeApi, MAX_PAGE};
use serde_json::{json, Value};
use sp_api::ProvideRuntimeApi;
use sp_blockchain::HeaderBackend;
use sp_core::Bytes;

/// The methods.
#[rpc(server, namespace = "bmpc")]
pub(crate) trait BmpcApi {
	/// A job: its contract, status and commitments; `null` if there is none.
	#[method(name = "job")]
	fn job(&self, id: JobId, at: Option<Hash>) -> RpcResult<Option<Value>>;

	/// The current duties of an account.
	#[method(name = "duties")]
	fn duties(&self, account: AccountId, at: Option<Hash>) -> RpcResult<Value>;

	/// The challenged units of a job that are not published in full.
	#[method(name = "openUnits")]
	fn open_units(&self, id: JobId, at: Option<Hash>) -> RpcResult<Value>;

	/// The quote of a request (SCALE-encoded `Request`) by an account, or an error that names the rule it breaks.
	#[method(name = "quote")]
	fn quote(&self, account: AccountId, request: Bytes, at: Option<Hash>) -> RpcResult<Value>;

	/// A page of the registrations in a role (`data-provider`, `computing-provider`, `coordinator`), which starts after
	/// an account. One with fewer than `limit` entries, at most and by default 64, is the last.
	#[method(name = "roles")]
	fn roles(&self, role: Role, after: Option<AccountId>, limit: Option<u32>, at: Option<Hash>) -> RpcResult<Value>;

	/// A dataset; `null` if there is none.
	#[method(name = "dataset")]
	fn dataset(&self, id: DatasetId, at: Option<Hash>) -> RpcResult<Option<Value>>;

	/// A page of the datasets from an id on. One with fewer than `limit` entries, at most and by default 64, is the
	/// last.
	#[method(name = "datasets")]
	fn datasets(&self, from: Option<DatasetId>, limit: Option<u32>, at: Option<Hash>) -> RpcResult<Value>;

	/// All templates.
	#[method(name = "templates")]
	fn templates(&self, at: Option<Hash>) -> RpcResult<Value>;
}

impl<C> BmpcApiServer for Reader<C>
where
	C: ProvideRuntimeApi<Block> + HeaderBackend<Block> + Send + Sync + 'static,
	C::Api: BmpcRuntimeApi<Block, AccountId, Balance, BlockNumber>,
{
	fn job(&self, id: JobId, at: Option<Hash>) -> RpcResult<Option<Value>> {
		Ok(self.read(at, |api, at| api.job(at, id))?.map(|job| json::job(id, &job)))
	}

	fn duties(&self, account: AccountId, at: Option<Hash>) -> RpcResult<Value> {
		Ok(self.read(at, |api, at| api.duties(at, account))?.iter().map(json::duty).collect())
	}

	fn open_units(&self, id: JobId, at: Option<Hash>) -> RpcResult<Value> {
		let Some(job) = self.read(at, |api, at| api.job(at, id))? else { return Ok(json!([])) };
		let open = self.read(at, |api, at| api.open_units(at, id))?;
		Ok(open.iter().map(|open| json::open_unit(&job.contract, open)).collect())
	}

	fn quote(&self, account: AccountId, request: Bytes, at: Option<Hash>) -> RpcResult<Value> {
		let request = codec::DecodeAll::decode_all(&mut &request[..])
			.map_err(|error| ErrorObjectOwned::owned(2, format!("not a SCALE-encoded request: {error}"), None::<()>))?;
		let quote = self.read(at, |api, at| api.quote(at, account, request))?;
		quote.map(|quote| json::quote(&quote)).map_err(|refusal| {
			let message = format!("the chain would refuse the request: {}", refusal.error);
			ErrorObjectOwned::owned(3, message, Some(refusal.error))
		})
	}

	fn roles(&self, role: Role, after: Option<AccountId>, limit: Option<u32>, at: Option<Hash>) -> RpcResult<Value> {
		let limit = page_size(limit, MAX_PAGE)?;
		let page = self.read(at, |api, at| api.roles(at, role, after, limit))?;
		Ok(page.iter().map(|(who, registration)| json::registration(who, registration)).collect())
	}

	fn dataset(&self, id: DatasetId, at: Option<Hash>) -> RpcResult<Option<Value>> {
		Ok(self.read(at, |api, at| api.dataset(at, id))?.map(|dataset| json::dataset(id, &dataset)))
	}

	fn datasets(&self, from: Option<DatasetId>, limit: Option<u32>, at: Option<Hash>) -> RpcResult<Value> {
		let limit = page_size(limit, MAX_PAGE)?;
		let page = self.read(at, |api, at| api.datasets(at, from.unwrap_or(0), limit))?;
		Ok(page.iter().map(|(id, dataset)| json::dataset(*id, dataset)).collect())
	}

	fn templates(&self, at: Option<Hash>) -> RpcResult<Value> {
		let templates = self.read(at, |api, at| api.templates(at))?;
		let template = |(id, template): &(TemplateId, encrytrust_types::job::Template)| json::template(*id, template);
		Ok(templates.iter().map(template).collect())
	}
}

/// The contracts' types as JSON.
mod json {
	use super::{super::json::*, *};
	use encrytrust_types::{
		dataset::Dataset,
		job::{
			Commitment, Contract, Duty, Endpoint, JobInfo, Offer, OpenUnit, Party, Quote, Registration, Status,
			Template, Terms,
		},
	};

	fn endpoint(endpoint: &Endpoint) -> Value {
		json!({ "sealing": hex(&endpoint.sealing), "peer": hex(&endpoint.peer), "address": text(&endpoint.address) })
	}

	fn party(party: &Party<AccountId, Balance>) -> Value {
		json!({
			"account": account(&party.who), "pay": amount(&party.pay), "charges": amount(&party.charges),
			"endpoint": endpoint(&party.endpoint),
		})
	}

	fn commitment(commitment: &Commitment) -> Value {
		json!({ "root": hex(commitment.root.as_bytes()), "blob": hex(&commitment.blob) })
	}

	fn status(status: &Status<AccountId, BlockNumber>) -> Value {
		match status {
			Status::Open { stage, since, awaited } => json!({
				"is": "open", "stage": stage, "since": since,
				"awaited": awaited.iter().map(|awaited| json!({
					"account": account(&awaited.who), "deadline": awaited.deadline, "challenged": awaited.challenged,
				})).collect::<Value>(),
			}),
			Status::Challenge { until, challenged } => {
				json!({ "is": "challenge", "until": until, "challenged": challenged })
			},
			Status::Lapsed { at } => json!({ "is": "lapsed", "at": at }),
			Status::Cancelled { at } => json!({ "is": "cancelled", "at": at }),
			Status::Settled { at } => json!({ "is": "settled", "at": at }),
			Status::Expired { stage, late, at } => json!({
				"is": "expired", "stage": stage, "at": at, "late": late.iter().map(account).collect::<Value>(),
			}),
			Status::Declined { by, reason, at } => {
				json!({ "is": "declined", "by": account(by), "reason": reason, "at": at })
			},
			Status::Faulty { offender, fault, reporter, at } => json!({
				"is": "faulty", "offender": account(offender), "fault": fault, "at": at,
				"reporter": reporter.as_ref().map(account),
			}),
		}
	}

	pub(super) fn job(id: JobId, job: &JobInfo<AccountId, Balance, BlockNumber>) -> Value {
		let contract = &job.contract;
		json!({
			"job": id,
			"contractHash": hex(job.contract_hash.as_bytes()),
			"requestedAt": job.requested_at,
			"status": status(&job.status),
			"user": account(&contract.user),
			"template": contract.template,
			"kind": contract.kind,
			"features": contract.features(),
			"columns": contract.schema.columns().len(),
			"selected": contract.selection.selected,
			"rows": contract.rows(),
			"data": contract.data.iter().map(|data| json!({
				"dataset": data.dataset, "datasetRows": data.dataset_rows, "firstRow": data.first_row, "rows": data.rows,
				"party": party(&data.party),
			})).collect::<Value>(),
			"computing": contract.computing.iter().map(|computing| party(&computing.party)).collect::<Value>(),
			"coordinator": party(&contract.coordinator),
			"schedule": contract.schedule,
			"challengePeriod": contract.challenge_period,
			"answerPeriod": contract.answer_period,
			"chargePerByte": amount(&contract.charge_per_byte),
			"userCharges": amount(&contract.user_charges),
			"fee": amount(&contract.fee),
			"bond": amount(&contract.bond),
			"maskKeys": job.mask_keys.iter().map(|key| key.map(|key| hex(&key))).collect::<Value>(),
			"commitments": job.commitments.iter().map(|delivered| json!({
				"stage": delivered.stage, "account": account(&delivered.who), "at": delivered.at,
				"commitment": commitment(&delivered.commitment),
			})).collect::<Value>(),
		})
	}

	pub(super) fn duty(duty: &Duty<BlockNumber>) -> Value {
		json!({ "job": duty.job, "kind": duty.kind, "deadline": duty.deadline })
	}

	pub(super) fn open_unit(
		contract: &Contract<AccountId, Balance, BlockNumber>,
		open: &OpenUnit<BlockNumber>,
	) -> Value {
		let unit = contract.unit(open.unit);
		let owner = unit.and_then(|unit| contract.unit_owner(&unit));
		json!({
			"unit": open.unit,
			"owner": owner.map(|party| account(&party.who)),
			"stage": unit.map(|unit| unit.stage()),
			"chunks": unit.map(|unit| contract.unit_chunks(&unit)),
			"published": open.published.iter().collect::<Vec<_>>(),
			"from": open.from, "deadline": open.deadline,
		})
	}

	pub(super) fn quote(quote: &Quote<AccountId, Balance>) -> Value {
		let pays = |pays: &[(AccountId, Balance)]| {
			pays.iter().map(|(who, pay)| json!({ "account": account(who), "pay": amount(pay) })).collect::<Value>()
		};
		json!({
			"data": pays(&quote.data), "computing": pays(&quote.computing),
			"coordination": amount(&quote.coordination), "fee": amount(&quote.fee), "total": amount(&quote.total),
			"prepaidFees": amount(&quote.prepaid_fees), "charges": amount(&quote.charges),
			"bond": amount(&quote.bond),
		})
	}

	fn terms(terms: &Terms<AccountId, Balance, BlockNumber>) -> Value {
		let accounts = |list: &[AccountId]| list.iter().map(account).collect::<Value>();
		json!({
			"base": terms.base, "workPerBlock": terms.work_per_block, "bytesPerBlock": terms.bytes_per_block,
			"maxBond": amount(&terms.max_bond), "maxPublication": terms.max_publication,
			"maxSpan": terms.max_span,
			"buyers": terms.buyers.as_ref().map(|list| accounts(list)),
			"coProviders": terms.co_providers.as_ref().map(|list| accounts(list)),
		})
	}

	pub(super) fn registration(who: &AccountId, registration: &Registration<AccountId, Balance, BlockNumber>) -> Value {
		let price = match &registration.offer {
			Offer::DataProvider => None,
			Offer::ComputingProvider { price, .. } | Offer::Coordinator { price } => Some(amount(price)),
		};
		json!({
			"account": account(who), "role": registration.offer.role(), "price": price,
			"endpoint": endpoint(&registration.endpoint), "terms": terms(&registration.terms),
			"suspended": registration.suspended, "record": registration.record, "jobs": registration.jobs,
			"deposit": amount(&registration.deposit),
		})
	}

	pub(super) fn dataset(id: DatasetId, dataset: &Dataset<AccountId, Balance>) -> Value {
		let policy = &dataset.policy;
		json!({
			"dataset": id,
			"provider": account(&dataset.provider),
			"title": text(&dataset.title),
			"columns": dataset.schema.columns().iter().map(|column| json!({
				"name": text(&column.name), "decimals": column.decimals, "bits": column.bits,
			})).collect::<Value>(),
			"rows": dataset.rows,
			"fingerprint": hex(dataset.fingerprint.as_bytes()),
			"price": amount(&dataset.price),
			"policy": {
				"templates": policy.templates.to_vec(), "minRows": policy.min_rows, "maxQueries": policy.max_queries,
				"buyers": policy.buyers.as_ref().map(|buyers| buyers.iter().map(account).collect::<Value>()),
			},
			"withdrawn": dataset.withdrawn,
		})
	}

	pub(super) fn template(id: TemplateId, template: &Template) -> Value {
		json!({ "template": id, "name": text(&template.name), "kind": template.kind, "retired": template.retired })
	}
}
