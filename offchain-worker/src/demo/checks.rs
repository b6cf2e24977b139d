//! Whether all is right.

use crate::{
	amounts::ets,
	cli::ResultView,
	timeline::{Moment, Span, What},
};
use anyhow::{Context, Result};
use encrytrust_chain_client::{AccountId, Balance, Block, Client};
use serde_json::{json, Value};
use std::collections::BTreeMap;

/// The means against the clear ones.
pub(super) fn means(result: &ResultView, expected: &BTreeMap<String, String>, rows: u64) -> Vec<String> {
	let wrong = |column: &&crate::cli::ColumnView| column.mean.as_ref() != expected.get(&column.name);
	let wrong = result.columns.iter().filter(wrong);
	let mut faults: Vec<String> = wrong.map(|column| format!("the mean of {} is another", column.name)).collect();
	if result.columns.len() != expected.len() || result.columns.is_empty() {
		faults.push("columns are missing".into());
	}
	if result.rows != rows {
		faults.push(format!("the result is over {} rows, not {rows}", result.rows));
	}
	faults
}

/// The stages came in their order and the job settled.
pub(super) fn stages(moments: &[Moment], spans: &[Span]) -> Vec<String> {
	let order = ["confirmation", "selection", "inputs", "outputs", "result", "challenge"];
	let mut faults = Vec::new();
	if spans.iter().map(|span| span.stage.as_str()).ne(order) {
		faults.push("the stages did not come in their order".into());
	}
	if !matches!(moments.last().map(|moment| &moment.what), Some(What::Settled { .. })) {
		faults.push("the job did not settle".into());
	}
	faults
}

/// An account over some blocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Entry {
	/// Free and on hold, before and after.
	before: Balance,
	after: Balance,
	/// Transaction fees.
	fees: Balance,
	/// Extrinsics that paid them.
	extrinsics: u32,
}

/// The money of accounts over some blocks.
pub(super) struct Ledger(BTreeMap<AccountId, Entry>);

impl Ledger {
	/// What the blocks after `before` up to `after` did to the accounts.
	pub(super) async fn read(
		client: &Client,
		before: Block,
		after: Block,
		accounts: impl Iterator<Item = &AccountId>,
	) -> Result<Self> {
		let mut entries = BTreeMap::new();
		for account in accounts {
			let total = |balance: encrytrust_chain_client::AccountBalance| balance.free + balance.reserved;
			let entry = Entry {
				before: total(client.balance(account, before.hash).await?),
				after: total(client.balance(account, after.hash).await?),
				fees: 0,
				extrinsics: 0,
			};
			entries.insert(account.clone(), entry);
		}
		for number in before.number + 1..=after.number {
			let block = client.block_at(number).await?.with_context(|| format!("the node has no block {number}"))?;
			for event in client.events(block).await? {
				if !event.is("TransactionPayment", "TransactionFeePaid") {
					continue;
				}
				let payer = event.account("who").and_then(|who| entries.get_mut(&who));
				if let (Some(entry), Some(fee)) = (payer, event.number("actual_fee")) {
					entry.fees += fee;
					entry.extrinsics += 1;
				}
			}
		}
		Ok(Self(entries))
	}

	/// Every account has exactly what it had, plus its pay or minus the price, minus its transaction fees.
	pub(super) fn faults(&self, moments: &[Moment], total: Balance, user: AccountId) -> Vec<String> {
		let paid = paid(moments);
		let fee: Balance = moments.iter().filter_map(fee).sum();
		let mut faults = Vec::new();
		if paid.values().sum::<Balance>() + fee != total {
			faults.push("what was paid is not what the user paid".into());
		}
		for (account, entry) in &self.0 {
			let spent = if *account == user { total } else { 0 };
			let expected = entry.before + paid.get(account).copied().unwrap_or_default();
			if Some(entry.after) != expected.checked_sub(spent + entry.fees) {
				faults.push(format!("the balance of {account} is not explained by its pay and fees"));
			}
		}
		faults
	}

	/// Every party's extrinsics are in the chain as often as it has duties: none is missing and none is there twice.
	pub(super) fn repetitions(&self, duties: &[(AccountId, u32)], names: &BTreeMap<AccountId, String>) -> Vec<String> {
		let found = |account: &AccountId| self.0.get(account).map_or(0, |entry| entry.extrinsics);
		let wrong = duties.iter().filter(|(account, expected)| found(account) != *expected);
		let fault = |(account, expected): &(AccountId, u32)| {
			let name = names.get(account).cloned().unwrap_or_else(|| account.to_string());
			format!("{name} has {} extrinsics in the chain instead of {expected}", found(account))
		};
		wrong.map(fault).collect()
	}

	/// For people: who, pay, fees, and the change of the balance.
	pub(super) fn rows(&self, moments: &[Moment], names: &BTreeMap<AccountId, String>) -> Vec<Vec<String>> {
		let paid = paid(moments);
		let mut rows = vec![["PARTY", "PAID BY THE JOB", "TRANSACTION FEES", "BALANCE"].map(String::from).to_vec()];
		let mut entries: Vec<_> = self.0.iter().collect();
		entries.sort_by_key(|(account, _)| names.get(*account));
		for (account, entry) in entries {
			let change = match entry.after.checked_sub(entry.before) {
				Some(gain) => format!("+{}", ets(gain)),
				None => format!("-{}", ets(entry.before.abs_diff(entry.after))),
			};
			let pay = paid.get(account).map(|pay| ets(*pay)).unwrap_or_default();
			rows.push(vec![names.get(account).cloned().unwrap_or_default(), pay, ets(entry.fees), change]);
		}
		let fee: Balance = moments.iter().filter_map(fee).sum();
		rows.push(vec!["protocol fee".into(), ets(fee)]);
		rows
	}

	/// For programs: amounts in the smallest unit.
	pub(super) fn payments(&self, moments: &[Moment], names: &BTreeMap<AccountId, String>) -> Value {
		let payment = |moment: &Moment| match &moment.what {
			What::Paid { who, role, amount } => Some(json!({
				"account": who.to_string(),
				"party": names.get(who),
				"role": role,
				"amount": number(*amount),
				"ets": ets(*amount),
			})),
			What::Settled { fee } => {
				Some(json!({ "party": "protocol fee", "role": "Fee", "amount": number(*fee), "ets": ets(*fee) }))
			},
			_ => None,
		};
		moments.iter().filter_map(payment).collect()
	}
}

/// JSON's integers here have 64 bits; more than 18 million ETS are written as text.
fn number(amount: Balance) -> Value {
	u64::try_from(amount).map_or_else(|_| json!(amount.to_string()), |amount| json!(amount))
}

fn paid(moments: &[Moment]) -> BTreeMap<AccountId, Balance> {
	let mut paid = BTreeMap::new();
	for moment in moments {
		if let What::Paid { who, amount, .. } = &moment.what {
			*paid.entry(who.clone()).or_default() += *amount;
		}
	}
	paid
}

fn fee(moment: &Moment) -> Option<Balance> {
	match moment.what {
		What::Settled { fee } => Some(fee),
		_ => None,
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use encrytrust_primitives::bmpc::Stage;

	fn account(byte: u8) -> AccountId {
		AccountId([byte; 32])
	}

	fn moments() -> Vec<Moment> {
		let paid = What::Paid { who: account(2), role: "Coordinator".into(), amount: 90 };
		[paid, What::Settled { fee: 10 }].map(|what| Moment { block: 9, time: 0, what }).into()
	}

	fn ledger() -> Ledger {
		let user = Entry { before: 500, after: 397, fees: 3, extrinsics: 2 };
		let coordinator = Entry { before: 50, after: 138, fees: 2, extrinsics: 3 };
		Ledger([(account(1), user), (account(2), coordinator)].into())
	}

	#[test]
	fn money_that_is_all_there_is_no_fault() {
		assert_eq!(ledger().faults(&moments(), 100, account(1)), Vec::<String>::new());
	}

	#[test]
	fn a_missing_unit_is_a_fault() {
		assert_eq!(ledger().faults(&moments(), 101, account(1)).len(), 2, "price above payments");
		let mut short = ledger();
		short.0.get_mut(&account(2)).unwrap().after -= 1;
		assert_eq!(short.faults(&moments(), 100, account(1)).len(), 1, "a unit less at the coordinator");
	}

	#[test]
	fn an_extrinsic_too_many_is_a_fault() {
		let repetitions = |user, coordinator| {
			ledger().repetitions(&[(account(1), user), (account(2), coordinator)], &BTreeMap::new()).len()
		};
		assert_eq!((repetitions(2, 3), repetitions(1, 3), repetitions(2, 4)), (0, 1, 1));
	}

	#[test]
	fn a_stage_out_of_order_is_a_fault() {
		let moment = |block, what| Moment { block, time: 0, what };
		let mut moments: Vec<Moment> =
			Stage::ALL.into_iter().zip(1..).map(|(stage, block)| moment(block, What::Entered(stage))).collect();
		moments.push(moment(6, What::Challenge { until: 9 }));
		moments.push(moment(7, What::Settled { fee: 0 }));
		let faults = |moments: &[Moment]| stages(moments, &crate::timeline::spans(moments)).len();
		assert_eq!(faults(&moments), 0);
		assert_eq!(faults(&moments[..6]), 2, "not settled");
		moments.swap(1, 2);
		assert_eq!(faults(&moments), 1, "swapped");
	}
}
