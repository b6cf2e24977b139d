//! A job in which somebody cheats: caught, slashed, the user refunded, those who had delivered paid, or it fails.

use super::{
	chain::{Accounts, Parties},
	checks::Ledger,
	processes::Processes,
	Demo,
};
use crate::behaviours::Cheat;
use anyhow::{bail, Context, Result};
use encrytrust_chain_client::{account_of, AccountId, Balance, JobInfo};
use encrytrust_job_client::{
	amounts::ets, events::JobEventKind, files::replace, names::party_names, Ending, JobClient, Requested,
};
use encrytrust_protocol::commitment_of;
use encrytrust_terminal::{output::line, watch};
use encrytrust_types::job::Stage;
use serde_json::{json, Value};

/// What came of it.
struct Caught {
	info: JobInfo,
	ending: Ending,
	offender: AccountId,
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
			let (report, found) = self.cheat(jobs, parties, accounts, processes, *cheat).await?;
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
		line("All is right: who cheated was caught and lost its bond, and the user has the money back.")?;
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
		let worker = parties.workers().iter().find(|worker| worker.role == cheat.role());
		let worker = worker.context("nobody plays that role")?;
		let name = worker.name.clone();
		let offender = worker.account();
		let mut earlier = None;
		if cheat == Cheat::CpReplay {
			self.progress.say("first an honest job, to have an output that can be used again");
			let id = self.job(jobs, parties, accounts, processes).await?.result.job;
			earlier = commitment_of(&jobs.info(id).await?, Stage::Outputs, &offender);
			self.progress.say(&format!("job {id} is settled"));
		}
		processes.make_cheat(&name, cheat, earlier).await?;
		self.progress.say(&format!("{name} cheats from now on: {}", cheat.name()));

		let before = jobs.chain.finalized().await?;
		let Requested { job: id, quote, .. } = self.ask(jobs, parties, accounts).await?;
		self.progress.say(&format!("job {id} is asked for, {} are on hold", ets(quote.total)));
		let info = jobs.info(id).await?;
		let names = party_names(&info);
		tokio::select! {
			events = watch(jobs, id, None, |what| matches!(what, JobEventKind::Challenge { .. }), false) => drop(events?),
			dead = processes.wait_for_a_death() => return Err(dead),
		}
		let info = jobs.info(id).await?;
		let info = if info.status.is_ended() {
			info
		} else {
			// The last one to cheat is shown to have done so while the result may be challenged.
			tokio::select! {
				events = watch(jobs, id, None, JobEventKind::is_end, true) => drop(events?),
				dead = processes.wait_for_a_death() => return Err(dead),
			}
			jobs.info(id).await?
		};
		self.progress.end(cheat.name());
		let ending = jobs.ending(id, &info).await?;
		let Some(ending) = ending else { bail!("job {id} ended without anybody's being at fault: {:?}", info.status) };
		let after = jobs.chain.finalized().await?;
		let ledger = Ledger::read(&jobs.chain, before, after, names.keys()).await?;
		let mut faults = faults_of(&info, &ending, &offender, quote.total);
		faults.extend(ledger.faults_after(&account_of(&parties.user), quote.prepaid_fees, &ending));
		line(format_args!("\n{}\n", ending.line(&names)))?;
		let caught = Caught { info, ending, offender, faults };
		processes.make_honest(&name).await?;
		let mut report = report(cheat, id, &name, &caught);
		report["seconds"] = json!(self.progress.seconds);
		Ok((report, caught.faults))
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
		"ok": caught.faults.is_empty(),
		"faults": caught.faults,
	})
}

/// What should have come out of the job and has not.
fn faults_of(info: &JobInfo, ending: &Ending, offender: &AccountId, total: Balance) -> Vec<String> {
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
	let due = contract.parties().filter(|(_, party)| party.who != *offender && delivered(&party.who));
	let mut due: Vec<_> = due.map(|(_, party)| (party.who.to_string(), party.pay)).collect();
	let mut paid: Vec<_> = ending.paid.iter().map(|payment| (payment.account.clone(), payment.amount)).collect();
	due.sort();
	paid.sort();
	check(due == paid, "those who had delivered were not paid what the contract says");
	faults
}

/// JSON's integers here have 64 bits; more than 18 million ETS are written as text.
fn number(amount: Balance) -> Value {
	u64::try_from(amount).map_or_else(|_| json!(amount.to_string()), |amount| json!(amount))
}
