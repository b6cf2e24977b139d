//! A job in which somebody cheats: caught, slashed, the user refunded, those who had delivered paid, or it fails.

use super::{
	chain::{Accounts, Parties},
	checks::Ledger,
	processes::{Means, Processes},
	publications::Publications,
	Demo,
};
use crate::behaviours::{Cheat, LateDelivery};
use anyhow::{bail, Context, Result};
use encrytrust_chain_client::{account_of, AccountId, Balance, JobInfo};
use encrytrust_job_client::{
	amounts::ets, events::JobEventKind, files::replace, names::party_names, Ending, JobClient, Requested,
};
use encrytrust_protocol::commitment_of;
use encrytrust_terminal::{output::line, watch};
use encrytrust_types::job::Stage;
use serde_json::{json, Value};
use std::{collections::BTreeMap, path::Path, time::Duration};

/// How long a late worker may take to say what came of its delivery: it looks at every final block.
const PATIENCE: Duration = Duration::from_secs(60);

/// What came of it.
struct Caught {
	info: JobInfo,
	ending: Ending,
	offender: AccountId,
	/// Of one that was late.
	late_delivery: Option<LateDelivery>,
	faults: Vec<String>,
}

impl Demo<'_> {
	/// A job for each cheat that was asked for, one after the other.
	pub(super) async fn cheats(
		&mut self,
		jobs: &JobClient,
		parties: &Parties,
		accounts: &Accounts,
		processes: &mut Processes,
	) -> Result<()> {
		let mut reports = Vec::new();
		let mut faults = Vec::new();
		let options = self.options;
		for cheat in &options.cheat {
			let (report, found) = match cheat {
				Cheat::WithholdOne => self.unserved(jobs, parties, accounts, processes).await?,
				cheat => self.cheat(jobs, parties, accounts, processes, *cheat).await?,
			};
			reports.push(report);
			faults.extend(found.into_iter().map(|fault| format!("{}: {fault}", cheat.name())));
		}
		if let Some(path) = &options.json {
			let reports = if reports.len() == 1 { reports.remove(0) } else { Value::Array(reports) };
			replace(path, (serde_json::to_string_pretty(&reports)? + "\n").as_bytes())
				.with_context(|| format!("cannot write {}", path.display()))?;
		}
		if !faults.is_empty() {
			bail!("not all is right: {}", faults.join("; "));
		}
		if options.cheat.iter().any(|cheat| *cheat != Cheat::WithholdOne) {
			line("All is right: who cheated was caught and lost its bond, and the user has the money back.")?;
		}
		if options.cheat.contains(&Cheat::WithholdOne) {
			line("All is right: who was not served had it from the chain, both paid for it, and the job settled.")?;
		}
		Ok(())
	}

	/// Has a party cheat in a job, and looks how that ends; a report, and what is not right.
	async fn cheat(
		&mut self,
		jobs: &JobClient,
		parties: &Parties,
		accounts: &Accounts,
		processes: &mut Processes,
		cheat: Cheat,
	) -> Result<(Value, Vec<String>)> {
		let worker = parties.worker(cheat.role())?;
		let name = worker.name.clone();
		let offender = worker.account();
		let mut means = None;
		if cheat == Cheat::CpReplay {
			self.progress.say("first an honest job, to have an output that can be used again");
			let id = self.job(jobs, parties, accounts, processes).await?.result.job;
			means = commitment_of(&jobs.info(id).await?, Stage::Outputs, &offender).map(Means::Earlier);
			self.progress.say(&format!("job {id} is settled"));
		}
		processes.make_cheat(&name, cheat, means).await?;
		self.progress.say(&format!("{name} cheats from now on: {}", cheat.name()));

		let before = jobs.chain.finalized().await?;
		let Requested { job: id, quote, .. } = self.ask(jobs, parties, accounts).await?;
		self.progress.say(&format!("job {id} is asked for, {} are on hold", ets(quote.total)));
		let info = jobs.info(id).await?;
		let names = party_names(&info);
		// The last one to cheat is shown to have done so while the result may be challenged.
		let events = tokio::select! {
			events = watch(jobs, id, None, JobEventKind::is_end, false) => events?,
			dead = processes.wait_for_a_death() => return Err(dead),
		};
		let info = jobs.info(id).await?;
		let charges = Publications::of(&info.contract, &events)?.charges;
		self.progress.end(cheat.name());
		let ending = jobs.ending(id, &info).await?;
		let Some(ending) = ending else { bail!("job {id} ended without anybody's being at fault: {:?}", info.status) };
		let after = jobs.chain.finalized().await?;
		let ledger = Ledger::read(&jobs.chain, before, after, names.keys()).await?;
		let mut faults = faults_of(&info, &ending, &offender, quote.total, &charges);
		faults.extend(ledger.faults_after(&account_of(&parties.user), quote.prepaid_fees, &charges, &ending));
		line(format_args!("\n{}\n", ending.line(&names)))?;
		let late_delivery = match cheat {
			Cheat::Late(_) => Some(late_delivery(&LateDelivery::file_beside(&worker.config), processes).await?),
			_ => None,
		};
		faults.extend(late_delivery.iter().flat_map(LateDelivery::faults));
		let caught = Caught { info, ending, offender, late_delivery, faults };
		processes.make_honest(&name).await?;
		let mut report = report(cheat, id, &name, &caught);
		report["seconds"] = json!(self.progress.seconds);
		Ok((report, caught.faults))
	}
}

/// What came of a delivery that was late: its worker writes that down at the first final block at which it was.
async fn late_delivery(file: &Path, processes: &mut Processes) -> Result<LateDelivery> {
	let told = async {
		loop {
			match LateDelivery::take(file) {
				Ok(None) => tokio::time::sleep(Duration::from_millis(100)).await,
				Ok(Some(delivery)) => return Ok(delivery),
				Err(error) => return Err(error),
			}
		}
	};
	tokio::select! {
		told = tokio::time::timeout(PATIENCE, told) => told.context("the worker that is late delivers nothing")?,
		dead = processes.wait_for_a_death() => Err(dead),
	}
}

fn report(cheat: Cheat, id: u64, name: &str, caught: &Caught) -> Value {
	let names = party_names(&caught.info);
	json!({
		"job": id,
		"cheat": cheat.name(),
		"offender": { "party": names.get(&caught.offender), "worker": name, "account": caught.offender.to_string() },
		"fault": caught.ending.fault,
		"reporter": caught.ending.reporter,
		"block": caught.ending.block,
		"proof": caught.ending.proof,
		"slashed": number(caught.ending.slashed),
		"refunded": number(caught.ending.refunded),
		"paid": caught.ending.paid,
		"late_delivery": caught.late_delivery.as_ref().map(LateDelivery::json),
		"ok": caught.faults.is_empty(),
		"faults": caught.faults,
	})
}

/// What should have come out of the job and has not.
fn faults_of(
	info: &JobInfo,
	ending: &Ending,
	offender: &AccountId,
	total: Balance,
	charges: &BTreeMap<AccountId, Balance>,
) -> Vec<String> {
	let contract = &info.contract;
	let mut faults = Vec::new();
	let mut check = |right: bool, fault: &str| {
		if !right {
			faults.push(fault.to_string());
		}
	};
	check(ending.offenders == [offender.to_string()], "somebody else than the cheat, or nobody, was found at fault");
	check(ending.slashed == contract.bond, "the cheat did not lose its bond");
	check(ending.refunded == total, "the user did not get all back");
	let delivered = |who: &AccountId| info.commitments.iter().any(|delivered| delivered.who == *who);
	// Charges are made good, and who had delivered has its pay.
	let amount = |who: &AccountId, pay: Balance| {
		let pay = if delivered(who) { pay } else { 0 };
		(who.to_string(), pay + charges.get(who).copied().unwrap_or_default())
	};
	let honest = contract.parties().filter(|(_, party)| party.who != *offender);
	let honest = honest.map(|(_, party)| amount(&party.who, party.pay)).chain([amount(&contract.user, 0)]);
	let mut due: Vec<_> = honest.filter(|(_, amount)| *amount > 0).collect();
	let mut paid: Vec<_> = ending.paid.iter().map(|payment| (payment.account.clone(), payment.amount)).collect();
	due.sort();
	paid.sort();
	check(due == paid, "those who were not at fault did not get their pay and charges");
	faults
}

/// JSON's integers here have 64 bits; more than 18 million ETS are written as text.
fn number(amount: Balance) -> Value {
	u64::try_from(amount).map_or_else(|_| json!(amount.to_string()), |amount| json!(amount))
}
