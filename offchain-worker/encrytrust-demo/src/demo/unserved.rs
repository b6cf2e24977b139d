//! A job in which a data provider serves all but one: that one has from the chain what it lacks, both pay the same for it, and
//! the job settles.

use super::{
	chain::{Accounts, Parties},
	checks,
	processes::{Means, Processes},
	publications::Publications,
	Demo, Outcome,
};
use crate::behaviours::Cheat;
use anyhow::{Context, Result};
use encrytrust_chain_client::AccountId;
use encrytrust_job_client::{amounts::ets, events::spans, JobClient};
use encrytrust_terminal::output::line;
use encrytrust_types::job::Role;
use serde_json::{json, Value};

impl Demo<'_> {
	/// Has a data provider serve all but a computing provider, and looks how the job ends; a report, and what is not right.
	pub(super) async fn unserved(
		&mut self,
		jobs: &JobClient,
		parties: &Parties,
		accounts: &Accounts,
		processes: &mut Processes,
	) -> Result<(Value, Vec<String>)> {
		let cheat = Cheat::WithholdOne;
		let owner = parties.worker(cheat.role())?;
		let unserved = parties.worker(Role::ComputingProvider)?;
		let api = jobs.chain.at(jobs.chain.finalized().await?.hash);
		let registered = api.role(Role::ComputingProvider, &unserved.account()).await?;
		let peer = registered.context("the computing provider is not registered")?.endpoint.peer;
		processes.make_cheat(&owner.name, cheat, Some(Means::Unserved(peer))).await?;
		self.progress.say(&format!("{} serves nothing to {} from now on", owner.name, unserved.name));

		let outcome = self.job(jobs, parties, accounts, processes).await?;
		let id = outcome.result.job;
		let contract = jobs.info(id).await?.contract;
		let publications = Publications::of(&contract, &outcome.events)?;
		let mut faults = publications.faults(&contract, &owner.account(), &unserved.account());
		faults.extend(self.faults_of(&outcome, parties, &unserved.account(), &publications)?);
		let paid = publications.charges.get(&owner.account()).copied().unwrap_or_default();
		line(format_args!(
			"\njob {id} settled: {} challenged {} units, {} bytes were published, and both paid {} for them\n",
			unserved.name,
			publications.challengers.len(),
			publications.bytes,
			ets(paid)
		))?;
		processes.make_honest(&owner.name).await?;
		let report = json!({
			"job": id,
			"cheat": cheat.name(),
			"offender": { "worker": owner.name, "account": owner.account().to_string() },
			"unserved": { "worker": unserved.name, "account": unserved.account().to_string() },
			"units": publications.challengers.keys().collect::<Vec<_>>(),
			"published": publications.bytes,
			"charged": ets(paid),
			"settled": true,
			"seconds": self.progress.seconds,
			"ok": faults.is_empty(),
			"faults": faults,
		});
		Ok((report, faults))
	}

	/// What is not right of the answer, the stages, the money and the extrinsics: all is as if everything had been served, but
	/// for charges and one challenge.
	fn faults_of(
		&self,
		outcome: &Outcome,
		parties: &Parties,
		unserved: &AccountId,
		publications: &Publications,
	) -> Result<Vec<String>> {
		let expected = self.table.means(&outcome.result)?;
		let mut faults = checks::means(&outcome.result, &expected, self.table.rows());
		faults.extend(checks::stages(&outcome.events, &spans(&outcome.events)));
		let price = outcome.price.clone().with_charges(publications.charges.clone());
		faults.extend(outcome.ledger.faults(&outcome.events, &price));
		let with_challenge = |(who, count): (AccountId, u32)| {
			let challenges = u32::from(who == *unserved);
			(who, count + challenges)
		};
		let duties: Vec<_> = parties.duties().into_iter().map(with_challenge).collect();
		faults.extend(outcome.ledger.repetitions(&duties, &outcome.names));
		Ok(faults)
	}
}
