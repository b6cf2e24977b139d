//! Whether all is right.

use anyhow::{Context, Result};
use encrytrust_chain_client::{AccountBalance, AccountId, Balance, Block, BondKind, Client, Quote};
use encrytrust_job_client::{
	amounts::ets,
	events::{JobEvent, JobEventKind, Span},
	Ending, ResultView,
};
use serde_json::{json, Value};
use std::collections::BTreeMap;

/// The means against the clear ones.
pub(super) fn means(result: &ResultView, expected: &BTreeMap<String, String>, rows: u64) -> Vec<String> {
	let found = result.results.iter().map(|answer| (answer.columns.concat(), answer.number("mean")));
	let wrong = found.filter(|(column, mean)| *mean != expected.get(column).map(String::as_str));
	let mut faults: Vec<String> = wrong.map(|(column, _)| format!("the mean of {column} is another")).collect();
	if result.results.len() != expected.len() || result.results.is_empty() {
		faults.push("columns are missing".into());
	}
	if result.rows != rows {
		faults.push(format!("the result is over {} rows, not {rows}", result.rows));
	}
	faults
}

/// The stages came in their order and the job settled.
pub(super) fn stages(events: &[JobEvent], spans: &[Span]) -> Vec<String> {
	let order = ["confirmation", "selection", "inputs", "outputs", "result", "challenge"];
	let mut faults = Vec::new();
	if spans.iter().map(|span| span.stage.as_str()).ne(order) {
		faults.push("the stages did not come in their order".into());
	}
	if !matches!(events.last().map(|event| &event.kind), Some(JobEventKind::Settled { .. })) {
		faults.push("the job did not settle".into());
	}
	faults
}

/// What the chain said that the job would cost, by account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Price {
	user: AccountId,
	pays: BTreeMap<AccountId, Balance>,
	fee: Balance,
	total: Balance,
	/// Paid at the request, besides the total.
	prepaid: Balance,
	/// For what was published on chain.
	charges: BTreeMap<AccountId, Balance>,
}

impl Price {
	pub(super) fn of(quote: &Quote, user: AccountId, coordinator: AccountId) -> Self {
		let mut pays: BTreeMap<_, _> = quote.data.iter().chain(&quote.computing).cloned().collect();
		pays.insert(coordinator, quote.coordination);
		let charges = BTreeMap::new();
		Self { user, pays, fee: quote.fee, total: quote.total, prepaid: quote.prepaid_fees, charges }
	}

	/// The same of a job of which something was published.
	pub(super) fn with_charges(self, charges: BTreeMap<AccountId, Balance>) -> Self {
		Self { charges, ..self }
	}
}

/// An account over some blocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Entry {
	/// Free and on hold, before and after.
	before: Balance,
	after: Balance,
	/// The service bond, which is a part of that, before and after.
	bonds: (Balance, Balance),
	/// What of the bond is not free after.
	engaged: Balance,
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
			let total = |balance: AccountBalance| balance.free + balance.reserved;
			let bond = |block: Block| async move {
				let bond = client.at(block.hash).bond(BondKind::Service, account).await?;
				anyhow::Ok(bond.unwrap_or_default())
			};
			let bond_before = bond(before).await?;
			let bond_after = bond(after).await?;
			let entry = Entry {
				before: total(client.balance(account, before.hash).await?),
				after: total(client.balance(account, after.hash).await?),
				bonds: (bond_before.active, bond_after.active),
				engaged: bond_after.engaged,
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

	/// Pays and fee are those of the quote. Every account has exactly what it had, plus its pay or minus the price, minus
	/// its charges and transaction fees; and its bond is what it was, and free again.
	pub(super) fn faults(&self, events: &[JobEvent], price: &Price) -> Vec<String> {
		let paid = paid(events);
		let fee: Balance = events.iter().filter_map(fee).sum();
		let mut faults = Vec::new();
		if paid != price.pays || fee != price.fee {
			faults.push("what was paid is not what the quote said".into());
		}
		if paid.values().sum::<Balance>() + fee != price.total {
			faults.push("what was paid is not what the user paid".into());
		}
		for (account, entry) in &self.0 {
			let price_paid = if *account == price.user { price.total + price.prepaid } else { 0 };
			let spent = price_paid + price.charges.get(account).copied().unwrap_or_default();
			let expected = entry.before + paid.get(account).copied().unwrap_or_default();
			if Some(entry.after) != expected.checked_sub(spent + entry.fees) {
				faults.push(format!("the balance of {account} is not explained by its pay, charges and fees"));
			}
			if entry.bonds.0 != entry.bonds.1 || entry.engaged != 0 {
				faults.push(format!("the bond of {account} is not what it was, or still engaged"));
			}
		}
		faults
	}

	/// After a fault: the user has what it had minus the prepaid fees and its transaction fees; of each other account's balance
	/// and bond nothing changed but by what the ending tells, and by charges; and nothing is engaged.
	pub(super) fn faults_after(
		&self,
		user: &AccountId,
		prepaid: Balance,
		charges: &BTreeMap<AccountId, Balance>,
		ending: &Ending,
	) -> Vec<String> {
		let mut faults = Vec::new();
		let offenders = ending.offenders.len() as Balance;
		for (account, entry) in &self.0 {
			let name = account.to_string();
			let lost = match ending.offenders.contains(&name) {
				true => ending.slashed.checked_div(offenders).unwrap_or_default(),
				false => 0,
			};
			let paid: Balance =
				ending.paid.iter().filter(|payment| payment.account == name).map(|payment| payment.amount).sum();
			let prepaid = if account == user { prepaid } else { 0 };
			let charged = charges.get(account).copied().unwrap_or_default();
			if Some(entry.after) != (entry.before + paid).checked_sub(lost + prepaid + charged + entry.fees) {
				let who = if account == user { "the user" } else { "a party" };
				faults.push(format!(
					"the balance of {who}, {account}, is not explained by refund, slash, pay, charges and fees"
				));
			}
			if entry.bonds.0.checked_sub(entry.bonds.1) != Some(lost) || entry.engaged != 0 {
				faults.push(format!("the bond of {account} is not what it should be, or still engaged"));
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

	/// For people: who, pay, fees, the change of the balance, and the bond, which is free again.
	pub(super) fn rows(&self, events: &[JobEvent], names: &BTreeMap<AccountId, String>) -> Vec<Vec<String>> {
		let paid = paid(events);
		let mut rows =
			vec![["PARTY", "PAID BY THE JOB", "TRANSACTION FEES", "BALANCE", "BOND"].map(String::from).to_vec()];
		let mut entries: Vec<_> = self.0.iter().collect();
		entries.sort_by_key(|(account, _)| names.get(*account));
		for (account, entry) in entries {
			let change = match entry.after.checked_sub(entry.before) {
				Some(gain) => format!("+{}", ets(gain)),
				None => format!("-{}", ets(entry.before.abs_diff(entry.after))),
			};
			let pay = paid.get(account).map(|pay| ets(*pay)).unwrap_or_default();
			let bond = if entry.bonds.1 == 0 { String::new() } else { ets(entry.bonds.1) };
			rows.push(vec![names.get(account).cloned().unwrap_or_default(), pay, ets(entry.fees), change, bond]);
		}
		let fee: Balance = events.iter().filter_map(fee).sum();
		rows.push(vec!["service fee".into(), ets(fee)]);
		rows
	}

	/// For programs: amounts in the smallest unit.
	pub(super) fn payments(&self, events: &[JobEvent], names: &BTreeMap<AccountId, String>) -> Value {
		let payment = |event: &JobEvent| match &event.kind {
			JobEventKind::Paid { who, role, amount } => Some(json!({
				"account": who.to_string(),
				"party": names.get(who),
				"role": role,
				"amount": number(*amount),
				"ets": ets(*amount),
			})),
			JobEventKind::Settled { fee } => {
				Some(json!({ "party": "service fee", "role": "Fee", "amount": number(*fee), "ets": ets(*fee) }))
			},
			_ => None,
		};
		events.iter().filter_map(payment).collect()
	}

	/// For programs: the bonds of those who have one, in the smallest unit.
	pub(super) fn bonds(&self, names: &BTreeMap<AccountId, String>) -> Value {
		let bonded = self.0.iter().filter(|(_, entry)| entry.bonds != (0, 0));
		let bond = |(account, entry): (&AccountId, &Entry)| {
			json!({
				"account": account.to_string(),
				"party": names.get(account),
				"before": number(entry.bonds.0),
				"after": number(entry.bonds.1),
				"engaged": number(entry.engaged),
			})
		};
		bonded.map(bond).collect()
	}
}

/// JSON's integers here have 64 bits; more than 18 million ETS are written as text.
fn number(amount: Balance) -> Value {
	u64::try_from(amount).map_or_else(|_| json!(amount.to_string()), |amount| json!(amount))
}

fn paid(events: &[JobEvent]) -> BTreeMap<AccountId, Balance> {
	let mut paid = BTreeMap::new();
	for event in events {
		if let JobEventKind::Paid { who, amount, .. } = &event.kind {
			*paid.entry(who.clone()).or_default() += *amount;
		}
	}
	paid
}

fn fee(event: &JobEvent) -> Option<Balance> {
	match event.kind {
		JobEventKind::Settled { fee } => Some(fee),
		_ => None,
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use encrytrust_job_client::Payment;
	use encrytrust_types::job::Stage;

	fn account(byte: u8) -> AccountId {
		AccountId([byte; 32])
	}

	fn events() -> Vec<JobEvent> {
		let paid = JobEventKind::Paid { who: account(2), role: "Coordinator".into(), amount: 90 };
		[paid, JobEventKind::Settled { fee: 10 }].map(|kind| JobEvent { block: 9, time: 0, kind }).into()
	}

	fn ledger() -> Ledger {
		let user = Entry { before: 500, after: 397, fees: 3, extrinsics: 2, ..Entry::default() };
		let coordinator = Entry { before: 50, after: 138, bonds: (40, 40), fees: 2, extrinsics: 3, ..Entry::default() };
		Ledger([(account(1), user), (account(2), coordinator)].into())
	}

	/// What the coordinator's pay and the fee come to, if they are these.
	fn price(coordination: Balance, fee: Balance) -> Price {
		let data = vec![];
		let computing = vec![];
		let total = coordination + fee;
		let quote = Quote { data, computing, coordination, fee, total, prepaid_fees: 0, charges: 0, bond: total };
		Price::of(&quote, account(1), account(2))
	}

	#[test]
	fn faults_are_none_when_payments_match_quote() {
		assert_eq!(ledger().faults(&events(), &price(90, 10)), Vec::<String>::new());
	}

	#[test]
	fn faults_report_pay_and_fee_that_differ_from_quote() {
		assert_eq!(ledger().faults(&events(), &price(89, 11)).len(), 1);
	}

	#[test]
	fn faults_report_bond_that_shrank_or_is_engaged() {
		let faults = |change: fn(&mut Entry)| {
			let mut ledger = ledger();
			change(ledger.0.get_mut(&account(2)).unwrap());
			ledger.faults(&events(), &price(90, 10)).len()
		};
		assert_eq!((faults(|entry| entry.bonds.1 -= 1), faults(|entry| entry.engaged = 1)), (1, 1));
	}

	#[test]
	fn faults_report_missing_unit() {
		assert_eq!(ledger().faults(&events(), &price(90, 11)).len(), 3, "price above payments");
		let mut short = ledger();
		short.0.get_mut(&account(2)).unwrap().after -= 1;
		assert_eq!(short.faults(&events(), &price(90, 10)).len(), 1, "a unit less at the coordinator");
		let charged = |amount| price(90, 10).with_charges([(account(2), amount)].into());
		assert_eq!(short.faults(&events(), &charged(1)), Vec::<String>::new(), "it was charged that unit");
		assert_eq!(short.faults(&events(), &charged(2)).len(), 1, "it was charged more than it lost");
	}

	#[test]
	fn faults_after_slash_report_wrong_balances_of_each_party() {
		let party = |before, after, bonds, fees| Entry { before, after, bonds, fees, ..Entry::default() };
		let entries = || {
			[
				(account(1), party(500, 497, (0, 0), 3)),
				(account(2), party(50, 9, (40, 0), 1)),
				(account(3), party(50, 56, (40, 40), 1)),
			]
		};
		let ending = Ending {
			block: 1,
			offenders: vec![account(2).to_string()],
			fault: "product".into(),
			reporter: None,
			proof: None,
			slashed: 40,
			refunded: 100,
			paid: vec![Payment { account: account(3).to_string(), amount: 7 }],
		};
		let faults = |change: fn(&mut BTreeMap<AccountId, Entry>)| {
			let mut all = entries().into();
			change(&mut all);
			Ledger(all).faults_after(&account(1), 0, &BTreeMap::new(), &ending).len()
		};
		assert_eq!(faults(|_| ()), 0);
		let charged = |who| Ledger(entries().into()).faults_after(&account(1), 0, &[(account(who), 2)].into(), &ending);
		assert_eq!(charged(3).len(), 1, "a charge that was not taken");
		for (name, change) in [
			(
				"the user lacks a unit",
				(|all| all.get_mut(&account(1)).unwrap().after -= 1) as fn(&mut BTreeMap<_, Entry>),
			),
			("the offender kept a unit", |all| all.get_mut(&account(2)).unwrap().after += 1),
			("the offender's bond is not all gone", |all| all.get_mut(&account(2)).unwrap().bonds.1 += 1),
			("the honest got no pay", |all| all.get_mut(&account(3)).unwrap().after -= 7),
			("the honest's bond is engaged", |all| all.get_mut(&account(3)).unwrap().engaged = 1),
		] {
			assert_eq!(faults(change), 1, "{name}");
		}
	}

	#[test]
	fn repetitions_report_unexpected_extrinsic() {
		let repetitions = |user, coordinator| {
			ledger().repetitions(&[(account(1), user), (account(2), coordinator)], &BTreeMap::new()).len()
		};
		assert_eq!((repetitions(2, 3), repetitions(1, 3), repetitions(2, 4)), (0, 1, 1));
	}

	#[test]
	fn stages_report_missing_and_swapped_stages() {
		let event = |block, kind| JobEvent { block, time: 0, kind };
		let mut events: Vec<JobEvent> =
			Stage::ALL.into_iter().zip(1..).map(|(stage, block)| event(block, JobEventKind::Entered(stage))).collect();
		events.push(event(6, JobEventKind::Challenge { until: 9 }));
		events.push(event(7, JobEventKind::Settled { fee: 0 }));
		let faults = |events: &[JobEvent]| stages(events, &encrytrust_job_client::events::spans(events)).len();
		assert_eq!(faults(&events), 0);
		assert_eq!(faults(&events[..6]), 2, "not settled");
		events.swap(1, 2);
		assert_eq!(faults(&events), 1, "swapped");
	}
}
