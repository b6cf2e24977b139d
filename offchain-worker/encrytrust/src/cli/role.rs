//! `encrytrust role`.

use super::common::{role, role_name, table, text, Chain, Output};
use anyhow::Result;
use encrytrust_chain_client::{account_of, AccountId, Balance, Call, Client, Offer, Registration};
use encrytrust_job_client::amounts::{ets, parse_ets};
use encrytrust_terminal::Spinner;
use encrytrust_types::job::Role;
use encrytrust_worker::{config::Config, registration::endpoint_and_offer};
use serde_json::{json, Value};
use std::path::PathBuf;

/// Commands about roles.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
	/// Takes a role with the keys, the address and the terms of a worker's configuration, signed by its account.
	#[command(after_help = "Examples:
  encrytrust role register data-provider --config worker.toml
  encrytrust role register computing-provider --config worker.toml --price 0.01
  encrytrust role register coordinator --config worker.toml --price 2")]
	Register(Registering),
	/// Changes keys, address, price or terms, for jobs to come.
	#[command(after_help = "Example:\n  encrytrust role update coordinator --config worker.toml --price 3")]
	Update(Registering),
	/// Gives up a role.
	#[command(after_help = "Example:\n  encrytrust role unregister coordinator --config worker.toml")]
	Unregister {
		/// data-provider, computing-provider or coordinator.
		#[arg(value_parser = role)]
		role: Role,
		/// The worker's configuration.
		#[arg(long, value_name = "FILE")]
		config: PathBuf,
	},
	/// Lists who offers what.
	#[command(after_help = "Example:\n  encrytrust role list computing-provider")]
	List {
		/// data-provider, computing-provider or coordinator; all if left out.
		#[arg(value_parser = role)]
		role: Option<Role>,
		#[command(flatten)]
		chain: Chain,
	},
}

#[derive(Debug, clap::Args)]
pub(super) struct Registering {
	/// data-provider, computing-provider or coordinator.
	#[arg(value_parser = role)]
	role: Role,
	/// The worker's configuration.
	#[arg(long, value_name = "FILE")]
	config: PathBuf,
	/// In ETS: of a unit of work for a computing provider, of a job for a coordinator.
	#[arg(long, value_name = "ETS", value_parser = parse_ets)]
	price: Option<Balance>,
}

pub(super) async fn run(command: Command, output: &Output) -> Result<()> {
	match command {
		Command::Register(registering) => register(registering, false, output).await,
		Command::Update(registering) => register(registering, true, output).await,
		Command::Unregister { role, config } => {
			let call = Call::unregister_role(role);
			sign_and_print(&Config::read(&config)?, role, &call, output).await
		},
		Command::List { role, chain } => list(role, &chain, output).await,
	}
}

async fn register(registering: Registering, update: bool, output: &Output) -> Result<()> {
	let config = Config::read(&registering.config)?;
	let client = Chain { url: config.node.clone() }.connect().await?;
	let (endpoint, offer) =
		endpoint_and_offer(&config, client.genesis(), registering.role, registering.price, &Spinner::default()).await?;
	let call = if update {
		Call::update_role(&endpoint, &offer, &config.terms)
	} else {
		Call::register_role(&endpoint, &offer, &config.terms)
	};
	sign_and_print(&config, registering.role, &call, output).await
}

async fn sign_and_print(config: &Config, role: Role, call: &Call, output: &Output) -> Result<()> {
	let signer = config.owner()?;
	let client = Chain { url: config.node.clone() }.connect().await?;
	let (block, _) = client.execute(call, &signer).await?;
	let account = account_of(&signer).to_string();
	output.print(&json!({ "account": account, "role": role, "block": block.number }), |_| {
		format!("block {}: {account}, {}: {} done", block.number, role_name(role), call.name.replace('_', " "))
	})
}

async fn list(role: Option<Role>, chain: &Chain, output: &Output) -> Result<()> {
	let client = chain.connect().await?;
	let roles = match role {
		Some(role) => vec![role],
		None => vec![Role::DataProvider, Role::ComputingProvider, Role::Coordinator],
	};
	let mut entries = Vec::new();
	for role in roles {
		let registrations = registrations(&client, role).await?;
		entries.extend(registrations.into_iter().map(|(account, registration)| entry(role, &account, &registration)));
	}
	output.print(&entries, |entries| {
		let cell = |entry: &Value, key: &str| entry[key].as_str().unwrap_or("-").to_string();
		let number = |entry: &Value, key: &str| entry["record"][key].to_string();
		let row = |entry: &Value| {
			let texts = ["role", "account", "price", "address"].map(|key| cell(entry, key));
			let numbers = ["confirmed", "settled", "missed", "faults"].map(|key| number(entry, key));
			let state = if entry["suspended"] == true { "suspended" } else { "open" };
			texts.into_iter().chain(numbers).chain([state.to_string()]).collect()
		};
		let heading = ["ROLE", "ACCOUNT", "PRICE", "ADDRESS", "CONFIRMED", "SETTLED", "MISSED", "FAULTS", "REQUESTS"];
		let heading = heading.map(String::from).to_vec();
		table(&std::iter::once(heading).chain(entries.iter().map(row)).collect::<Vec<_>>())
	})
}

/// All registrations in a role.
pub(crate) async fn registrations(client: &Client, role: Role) -> Result<Vec<(AccountId, Registration)>> {
	const PAGE: u32 = 64;
	let block = client.finalized().await?;
	let mut all = Vec::new();
	loop {
		let page = client.at(block.hash).roles(role, all.last().map(|(account, _)| account), PAGE).await?;
		let last = page.len() < PAGE as usize;
		all.extend(page);
		if last {
			return Ok(all);
		}
	}
}

fn entry(role: Role, account: &AccountId, registration: &Registration) -> Value {
	let price = match registration.offer {
		Offer::DataProvider => None,
		Offer::ComputingProvider { price, .. } | Offer::Coordinator { price } => Some(ets(price)),
	};
	json!({
		"role": role,
		"account": account.to_string(),
		"price": price,
		"address": text(&registration.endpoint.address),
		"sealing": hex::encode(registration.endpoint.sealing),
		"peer": hex::encode(registration.endpoint.peer),
		"jobs": registration.jobs,
		"suspended": registration.suspended,
		"record": registration.record,
		"terms": {
			"base_blocks": registration.terms.base,
			"work_per_block": registration.terms.work_per_block,
			"bytes_per_block": registration.terms.bytes_per_block,
			"max_bond": ets(registration.terms.max_bond),
			"max_publication": registration.terms.max_publication,
			"max_span": registration.terms.max_span,
			"buyers": registration.terms.buyers.as_ref().map(|list| names(list)),
			"co_providers": registration.terms.co_providers.as_ref().map(|list| names(list)),
		},
	})
}

fn names(accounts: &[AccountId]) -> Vec<String> {
	accounts.iter().map(AccountId::to_string).collect()
}
