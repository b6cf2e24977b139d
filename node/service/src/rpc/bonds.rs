//! `bonds_*`: validators, eras and bonds as JSON.

use super::{json::*, reader::Reader};
use encrytrust_runtime::{opaque::Block, AccountId, BlockNumber, Hash};
use jsonrpsee::{core::RpcResult, proc_macros::rpc};
use pallet_bonds::{runtime_api::BondsApi as BondsRuntimeApi, BondInfo, BondKind, EraInfo, Parameters, ValidatorInfo};
use serde::Deserialize;
use serde_json::{json, Value};
use sp_api::ProvideRuntimeApi;
use sp_blockchain::HeaderBackend;

/// The kinds of bonds, by name.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
	/// Needed to validate.
	Validator,
	/// Needed to take part in jobs.
	Service,
}

impl From<Kind> for BondKind {
	fn from(kind: Kind) -> Self {
		match kind {
			Kind::Validator => Self::Validator,
			Kind::Service => Self::Service,
		}
	}
}

/// The methods.
#[rpc(server, namespace = "bonds")]
pub(crate) trait BondsApi {
	/// The parameters that the voting nodes have set.
	#[method(name = "parameters")]
	fn parameters(&self, at: Option<Hash>) -> RpcResult<Value>;

	/// The current era and its validators.
	#[method(name = "era")]
	fn era(&self, at: Option<Hash>) -> RpcResult<Value>;

	/// All validators and candidates with stake, authored blocks and pending reward, the largest stake first.
	#[method(name = "validators")]
	fn validators(&self, at: Option<Hash>) -> RpcResult<Value>;

	/// The bond of an account (`validator` or `service`); `null` if it has none.
	#[method(name = "bond")]
	fn bond(&self, kind: Kind, account: AccountId, at: Option<Hash>) -> RpcResult<Option<Value>>;
}

impl<C> BondsApiServer for Reader<C>
where
	C: ProvideRuntimeApi<Block> + HeaderBackend<Block> + Send + Sync + 'static,
	C::Api: BondsRuntimeApi<Block, AccountId, BlockNumber>,
{
	fn parameters(&self, at: Option<Hash>) -> RpcResult<Value> {
		Ok(parameters(&self.read(at, |api, at| api.parameters(at))?))
	}

	fn era(&self, at: Option<Hash>) -> RpcResult<Value> {
		Ok(era(&self.read(at, |api, at| api.era(at))?))
	}

	fn validators(&self, at: Option<Hash>) -> RpcResult<Value> {
		Ok(self.read(at, |api, at| api.validators(at))?.iter().map(validator).collect())
	}

	fn bond(&self, kind: Kind, account: AccountId, at: Option<Hash>) -> RpcResult<Option<Value>> {
		Ok(self.read(at, |api, at| api.bond(at, kind.into(), account))?.map(|info| bond(&info)))
	}
}

fn parameters(parameters: &Parameters<BlockNumber>) -> Value {
	json!({
		"validators": parameters.validators, "maxNew": parameters.max_new, "minValidators": parameters.min_validators,
		"sessionsPerEra": parameters.sessions_per_era,
		"minValidatorBond": amount(&parameters.min_validator_bond),
		"minServiceBond": amount(&parameters.min_service_bond),
		"rewardPerBlock": amount(&parameters.reward_per_block),
		"validatorUnbonding": parameters.validator_unbonding, "serviceUnbonding": parameters.service_unbonding,
	})
}

fn era(era: &EraInfo<AccountId>) -> Value {
	let elected = era.elected.iter().map(|(who, stake)| json!({ "account": account(who), "stake": amount(stake) }));
	json!({
		"index": era.index, "startSession": era.start_session, "sessions": era.sessions,
		"elected": elected.collect::<Value>(),
	})
}

fn validator(validator: &ValidatorInfo<AccountId>) -> Value {
	json!({
		"account": account(&validator.who), "stake": amount(&validator.stake), "exposure": amount(&validator.exposure),
		"points": validator.points, "pendingReward": amount(&validator.pending_reward),
		"elected": validator.elected, "candidate": validator.candidate,
	})
}

fn bond(bond: &BondInfo<BlockNumber>) -> Value {
	let unbonding = bond
		.unbonding
		.iter()
		.map(|chunk| json!({ "amount": amount(&chunk.amount), "since": chunk.since, "until": chunk.until }));
	json!({
		"active": amount(&bond.active), "engaged": amount(&bond.engaged), "available": amount(&bond.available),
		"withdrawable": amount(&bond.withdrawable), "unbonding": unbonding.collect::<Value>(),
	})
}
