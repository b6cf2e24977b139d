//! `ets_*`: the token's supply, its programs' grants, and service fees as JSON.

use super::{json::*, reader::Reader};
use encrytrust_runtime::{opaque::Block, AccountId, Balance, BlockNumber, Hash};
use encrytrust_traits::fees::{FeeSchedule, Tier};
use encrytrust_types::token::Program;
use jsonrpsee::{core::RpcResult, proc_macros::rpc};
use pallet_token_allocation::{
	runtime_api::{AccountInfo, GrantInfo, Supply, TokenAllocationApi as TokenAllocationRuntimeApi},
	GrantId,
};
use serde_json::{json, Value};
use sp_api::ProvideRuntimeApi;
use sp_blockchain::HeaderBackend;

/// The methods.
#[rpc(server, namespace = "ets")]
pub(crate) trait EtsApi {
	/// The total supply, and the free and granted balances of the six programs.
	#[method(name = "supply")]
	fn supply(&self, at: Option<Hash>) -> RpcResult<Value>;

	/// The open grants of an account.
	#[method(name = "grants")]
	fn grants(&self, account: AccountId, at: Option<Hash>) -> RpcResult<Value>;

	/// A grant; `null` if there is none, or it has been paid in full.
	#[method(name = "grant")]
	fn grant(&self, id: GrantId, at: Option<Hash>) -> RpcResult<Option<Value>>;

	/// The fees of services.
	#[method(name = "feeSchedule")]
	fn fee_schedule(&self, at: Option<Hash>) -> RpcResult<Value>;

	/// The service account of an account: tier, quota, developer; `null` if it has none.
	#[method(name = "account")]
	fn account(&self, account: AccountId, at: Option<Hash>) -> RpcResult<Option<Value>>;
}

impl<C> EtsApiServer for Reader<C>
where
	C: ProvideRuntimeApi<Block> + HeaderBackend<Block> + Send + Sync + 'static,
	C::Api: TokenAllocationRuntimeApi<Block, AccountId, Balance, BlockNumber>,
{
	fn supply(&self, at: Option<Hash>) -> RpcResult<Value> {
		Ok(supply(&self.read(at, |api, at| api.supply(at))?))
	}

	fn grants(&self, account: AccountId, at: Option<Hash>) -> RpcResult<Value> {
		let grants = self.read(at, |api, at| api.grants(at, account))?;
		Ok(grants.iter().map(|(id, info)| grant(*id, info)).collect())
	}

	fn grant(&self, id: GrantId, at: Option<Hash>) -> RpcResult<Option<Value>> {
		Ok(self.read(at, |api, at| api.grant(at, id))?.map(|info| grant(id, &info)))
	}

	fn fee_schedule(&self, at: Option<Hash>) -> RpcResult<Value> {
		Ok(fee_schedule(&self.read(at, |api, at| api.fee_schedule(at))?))
	}

	fn account(&self, account: AccountId, at: Option<Hash>) -> RpcResult<Option<Value>> {
		Ok(self.read(at, |api, at| api.account(at, account))?.map(|info| service_account(&info)))
	}
}

fn program(program: Program) -> &'static str {
	match program {
		Program::Ecology => "ecology",
		Program::EarlyInvestors => "early-investors",
		Program::PrivatePlacement => "private-placement",
		Program::Team => "team",
		Program::Foundation => "foundation",
		Program::UniversityFund => "university-fund",
	}
}

fn supply(supply: &Supply<AccountId, Balance>) -> Value {
	let programs = supply.programs.iter().map(|(name, info)| {
		json!({
			"program": program(*name), "account": account(&info.account), "allocation": amount(&info.allocation),
			"free": amount(&info.free), "granted": amount(&info.granted),
		})
	});
	json!({ "total": amount(&supply.total), "programs": programs.collect::<Value>() })
}

fn grant(id: GrantId, info: &GrantInfo<AccountId, Balance, BlockNumber>) -> Value {
	json!({
		"id": id, "program": program(info.program), "beneficiary": account(&info.beneficiary),
		"amount": amount(&info.terms.amount), "start": info.terms.start, "revocable": info.terms.revocable,
		"vested": amount(&info.vested), "claimed": amount(&info.claimed), "claimable": amount(&info.claimable),
		"cliffBlock": info.cliff_block, "endBlock": info.end_block, "withdrawn": info.withdrawn,
	})
}

fn fee_schedule(fees: &FeeSchedule) -> Value {
	json!({
		"developerRegistration": amount(&fees.developer_registration),
		"accountCreation": amount(&fees.account_creation),
		"professional": amount(&fees.professional),
		"enterprise": amount(&fees.enterprise),
		"apiCall": amount(&fees.api_call),
		"dataTransaction": amount(&fees.data_transaction),
		"contractCall": amount(&fees.contract_call),
		"sharePartsPerMillion": fees.share.deconstruct(),
	})
}

fn service_account(info: &AccountInfo<Balance>) -> Value {
	let tier = match info.tier {
		Tier::Basic => "basic",
		Tier::Professional => "professional",
		Tier::Enterprise => "enterprise",
	};
	json!({
		"tier": tier, "includedCallsPerDay": info.included_calls, "boughtCalls": info.api_calls,
		"developer": info.developer.as_ref().map(|name| text(name)), "deposit": amount(&info.deposit),
	})
}
