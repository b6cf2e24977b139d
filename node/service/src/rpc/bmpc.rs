//! `bmpc_*`: computation contracts as JSON.

use super::reader::{page_size, Reader};
use encrytrust_runtime::{opaque::Block, AccountId, Balance, BlockNumber, Hash};
use encrytrust_types::{job::Role, DataSetId, JobId, TemplateId};
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

	/// The open demands of a job.
	#[method(name = "demands")]
	fn demands(&self, id: JobId, at: Option<Hash>) -> RpcResult<Value>;

	/// The quote of a request (SCALE-encoded `Request`) by an account, or an error that names the rule it breaks.
	#[method(name = "quote")]
	fn quote(&self, account: AccountId, request: Bytes, at: Option<Hash>) -> RpcResult<Value>;

	/// A page of the registrations in a role (`data-provider`, `computing-provider`, `coordinator`), which starts after
	/// an account. One with fewer than `limit` entries, at most and by default 64, is the last.
	#[method(name = "roles")]
	fn roles(&self, role: Role, after: Option<AccountId>, limit: Option<u32>, at: Option<Hash>) -> RpcResult<Value>;

	/// A dataset; `null` if there is none.
	#[method(name = "dataSet")]
	fn data_set(&self, id: DataSetId, at: Option<Hash>) -> RpcResult<Option<Value>>;

	/// A page of the datasets from an id on. One with fewer than `limit` entries, at most and by default 64, is the
	/// last.
	#[method(name = "dataSets")]
	fn data_sets(&self, from: Option<DataSetId>, limit: Option<u32>, at: Option<Hash>) -> RpcResult<Value>;

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

	fn demands(&self, id: JobId, at: Option<Hash>) -> RpcResult<Value> {
		Ok(self.read(at, |api, at| api.demands(at, id))?.iter().map(json::demand).collect())
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

	fn data_set(&self, id: DataSetId, at: Option<Hash>) -> RpcResult<Option<Value>> {
		Ok(self.read(at, |api, at| api.data_set(at, id))?.map(|data_set| json::data_set(id, &data_set)))
	}

	fn data_sets(&self, from: Option<DataSetId>, limit: Option<u32>, at: Option<Hash>) -> RpcResult<Value> {
		let limit = page_size(limit, MAX_PAGE)?;
		let page = self.read(at, |api, at| api.data_sets(at, from.unwrap_or(0), limit))?;
		Ok(page.iter().map(|(id, data_set)| json::data_set(*id, data_set)).collect())
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
		dataset::DataSet,
		job::{Commitment, Demand, Duty, Endpoint, JobInfo, Offer, Party, Quote, Registration, Status, Template},
	};

	fn endpoint(endpoint: &Endpoint) -> Value {
		json!({ "sealing": hex(&endpoint.sealing), "peer": hex(&endpoint.peer), "address": text(&endpoint.address) })
	}

	fn party(party: &Party<AccountId, Balance>) -> Value {
		json!({ "account": account(&party.who), "pay": amount(&party.pay), "endpoint": endpoint(&party.endpoint) })
	}

	fn commitment(commitment: &Commitment) -> Value {
		json!({ "root": hex(commitment.root.as_bytes()), "blob": hex(&commitment.blob) })
	}

	fn status(status: &Status<AccountId, BlockNumber>) -> Value {
		match status {
			Status::Open { stage, deadline, awaited } => json!({
				"is": "open", "stage": stage, "deadline": deadline,
				"awaited": awaited.iter().map(account).collect::<Value>(),
			}),
			Status::Challenge { until } => json!({ "is": "challenge", "until": until }),
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
			"hash": hex(job.hash.as_bytes()),
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
				"dataSet": data.data_set, "rows": data.rows, "party": party(&data.party),
			})).collect::<Value>(),
			"computing": contract.computing.iter().map(|computing| party(&computing.party)).collect::<Value>(),
			"coordinator": party(&contract.coordinator),
			"schedule": contract.schedule,
			"challengePeriod": contract.challenge_period,
			"fee": amount(&contract.fee),
			"bond": amount(&contract.bond),
			"commitments": job.commitments.iter().map(|delivered| json!({
				"stage": delivered.stage, "account": account(&delivered.who), "at": delivered.at,
				"commitment": commitment(&delivered.commitment),
			})).collect::<Value>(),
		})
	}

	pub(super) fn duty(duty: &Duty<BlockNumber>) -> Value {
		json!({ "job": duty.job, "kind": duty.kind, "deadline": duty.deadline })
	}

	pub(super) fn demand(demand: &Demand<AccountId, Balance, BlockNumber>) -> Value {
		json!({
			"stage": demand.stage, "account": account(&demand.who), "piece": demand.piece,
			"by": account(&demand.by), "deposit": amount(&demand.deposit), "deadline": demand.deadline,
		})
	}

	pub(super) fn quote(quote: &Quote<AccountId, Balance>) -> Value {
		let pays = |pays: &[(AccountId, Balance)]| {
			pays.iter().map(|(who, pay)| json!({ "account": account(who), "pay": amount(pay) })).collect::<Value>()
		};
		json!({
			"data": pays(&quote.data), "computing": pays(&quote.computing),
			"coordination": amount(&quote.coordination), "fee": amount(&quote.fee), "total": amount(&quote.total),
			"bond": amount(&quote.bond),
		})
	}

	pub(super) fn registration(who: &AccountId, registration: &Registration<Balance>) -> Value {
		let price = match &registration.offer {
			Offer::DataProvider => None,
			Offer::ComputingProvider { price, .. } | Offer::Coordinator { price } => Some(amount(price)),
		};
		json!({
			"account": account(who), "role": registration.offer.role(), "price": price,
			"endpoint": endpoint(&registration.endpoint), "jobs": registration.jobs,
			"deposit": amount(&registration.deposit),
		})
	}

	pub(super) fn data_set(id: DataSetId, data_set: &DataSet<AccountId, Balance>) -> Value {
		let policy = &data_set.policy;
		json!({
			"dataSet": id,
			"provider": account(&data_set.provider),
			"title": text(&data_set.title),
			"columns": data_set.schema.columns().iter().map(|column| json!({
				"name": text(&column.name), "decimals": column.decimals, "bits": column.bits,
			})).collect::<Value>(),
			"rows": data_set.rows,
			"fingerprint": hex(data_set.fingerprint.as_bytes()),
			"price": amount(&data_set.price),
			"policy": {
				"templates": policy.templates.to_vec(), "minRows": policy.min_rows, "maxAnswers": policy.max_answers,
				"buyers": policy.buyers.as_ref().map(|buyers| buyers.iter().map(account).collect::<Value>()),
			},
			"withdrawn": data_set.withdrawn,
		})
	}

	pub(super) fn template(id: TemplateId, template: &Template) -> Value {
		json!({ "template": id, "name": text(&template.name), "kind": template.kind, "retired": template.retired })
	}
}
