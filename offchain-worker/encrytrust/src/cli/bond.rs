//! `encrytrust bond`.

use super::common::{account, table, Chain, Output, Signer};
use anyhow::Result;
use encrytrust_chain_client::{account_of, AccountId, Balance, Block, BondInfo, BondKind, Call, Client};
use encrytrust_job_client::amounts::{ets, parse_ets};
use serde_json::{json, Value};

/// Commands about bonds.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
	/// Bonds money, or more of it. A provider or coordinator gets no job that puts more at stake than it has free.
	#[command(after_help = "Examples:
  encrytrust bond add 100 --suri-file account.secret
  encrytrust bond add 5000 --kind validator --suri-file validator.secret")]
	Add {
		/// How much, in ETS.
		#[arg(value_name = "ETS", value_parser = parse_ets)]
		amount: Balance,
		#[command(flatten)]
		bond: Bond,
	},
	/// Begins to take money back. It can be withdrawn some blocks later, and answers for faults until then.
	#[command(after_help = "Example:\n  encrytrust bond remove 40 --suri-file account.secret")]
	Remove {
		/// How much, in ETS.
		#[arg(value_name = "ETS", value_parser = parse_ets)]
		amount: Balance,
		#[command(flatten)]
		bond: Bond,
	},
	/// Takes back what was removed long enough ago.
	#[command(after_help = "Example:\n  encrytrust bond withdraw --suri-file account.secret")]
	Withdraw {
		#[command(flatten)]
		bond: Bond,
	},
	/// What an account has bonded, and what of it is free.
	#[command(after_help = "Example:\n  encrytrust bond show //Bob")]
	Show {
		/// Whose.
		#[arg(value_name = "ACCOUNT", value_parser = account)]
		who: AccountId,
		#[command(flatten)]
		kind: Kind,
		#[command(flatten)]
		chain: Chain,
	},
}

/// Which bond, and by whose signature it changes.
#[derive(Debug, clap::Args)]
pub(super) struct Bond {
	#[command(flatten)]
	kind: Kind,
	#[command(flatten)]
	signer: Signer,
	#[command(flatten)]
	chain: Chain,
}

/// Which of an account's bonds.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(super) struct Kind {
	/// service or validator.
	#[arg(long, default_value = "service", value_parser = bond_kind)]
	kind: BondKind,
}

pub(super) async fn run(command: Command, output: &Output) -> Result<()> {
	match command {
		Command::Add { amount, bond } => {
			let call = |kind, bonded| if bonded { Call::bond_more(kind, amount) } else { Call::bond(kind, amount) };
			change(bond, call, output).await
		},
		Command::Remove { amount, bond } => change(bond, |kind, _| Call::unbond(kind, amount), output).await,
		Command::Withdraw { bond } => change(bond, |kind, _| Call::withdraw(kind), output).await,
		Command::Show { who, kind: Kind { kind }, chain } => {
			let client = chain.connect().await?;
			print(&client, client.finalized().await?, kind, &who, output).await
		},
	}
}

/// Signs the call for a kind of bond, which depends on whether there is such a bond, and prints what it came to.
async fn change(bond: Bond, call: impl Fn(BondKind, bool) -> Call, output: &Output) -> Result<()> {
	let kind = bond.kind.kind;
	let signer = bond.signer.keypair()?;
	let client = bond.chain.connect().await?;
	let who = account_of(&signer);
	let bonded = client.at(client.finalized().await?.hash).bond(kind, &who).await?.is_some();
	let (block, _) = client.execute(&call(kind, bonded), &signer).await?;
	print(&client, block, kind, &who, output).await
}

async fn print(client: &Client, block: Block, kind: BondKind, who: &AccountId, output: &Output) -> Result<()> {
	let bond = client.at(block.hash).bond(kind, who).await?.unwrap_or_default();
	output.print(&bond_value(block, kind, who, &bond), |_| bond_text(block, kind, who, &bond))
}

fn bond_value(block: Block, kind: BondKind, who: &AccountId, bond: &BondInfo) -> Value {
	let unbonding = bond.unbonding.iter();
	let unbonding =
		unbonding.map(|part| json!({ "amount": ets(part.amount), "since": part.since, "until": part.until }));
	json!({
		"block": block.number,
		"account": who.to_string(),
		"kind": kind_name(kind),
		"bonded": ets(bond.active),
		"engaged": ets(bond.engaged),
		"available": ets(bond.available),
		"unbonding": unbonding.collect::<Vec<_>>(),
		"withdrawable": ets(bond.withdrawable),
	})
}

fn bond_text(block: Block, kind: BondKind, who: &AccountId, bond: &BondInfo) -> String {
	let row = |name: &str, amount: Balance, note: String| vec![name.to_string(), ets(amount), note];
	let mut rows = vec![
		row("bonded", bond.active, String::new()),
		row("engaged", bond.engaged, "in jobs under way".into()),
		row("free", bond.available, String::new()),
	];
	let parts = bond.unbonding.iter();
	rows.extend(parts.map(|part| row("removed", part.amount, format!("to withdraw from block {} on", part.until))));
	rows.push(row("to withdraw now", bond.withdrawable, String::new()));
	format!("{} bond of {who} in block {}\n{}", kind_name(kind), block.number, table(&rows))
}

/// A kind of bond by its name.
fn bond_kind(text: &str) -> Result<BondKind, String> {
	match text {
		"service" => Ok(BondKind::Service),
		"validator" => Ok(BondKind::Validator),
		other => Err(format!("'{other}' is not a kind of bond: write service or validator")),
	}
}

fn kind_name(kind: BondKind) -> &'static str {
	match kind {
		BondKind::Service => "service",
		BondKind::Validator => "validator",
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use encrytrust_chain_client::{Unbonding, H256};

	#[test]
	fn a_bond_is_told_with_all_its_parts() {
		let unbonding = vec![Unbonding { amount: 1_500_000_000_000, since: 7, until: 9 }];
		let bond = BondInfo {
			active: 5_000_000_000_000,
			engaged: 1,
			available: 2,
			unbonding,
			withdrawable: 3_000_000_000_000,
		};
		let block = Block { number: 8, hash: H256([0; 32]) };
		let who = AccountId([1; 32]);
		let value = bond_value(block, BondKind::Service, &who, &bond);
		assert_eq!(value["bonded"], "5 ETS");
		assert_eq!(value["unbonding"], json!([{ "amount": "1.5 ETS", "since": 7, "until": 9 }]));
		assert_eq!(
			(&value["block"], &value["kind"], &value["withdrawable"]),
			(&json!(8), &json!("service"), &json!("3 ETS"))
		);
		let text = bond_text(block, BondKind::Service, &who, &bond);
		assert!(text.contains("to withdraw from block 9 on"), "{text}");
	}

	#[test]
	fn kinds_of_bonds_read_as_they_are_written() {
		for kind in [BondKind::Service, BondKind::Validator] {
			assert_eq!(bond_kind(kind_name(kind)), Ok(kind));
		}
		assert!(bond_kind("savings").unwrap_err().contains("service or validator"));
	}
}
