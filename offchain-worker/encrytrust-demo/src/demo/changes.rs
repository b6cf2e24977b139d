//! Rows that change after they were declared: the job is declined until the data provider declares them anew.

use super::{
	chain::{Accounts, Parties},
	checks,
	processes::Processes,
	Demo, Outcome,
};
use anyhow::{bail, ensure, Context, Result};
use encrytrust_chain_client::Status;
use encrytrust_job_client::{events::JobEventKind, JobClient};
use encrytrust_terminal::{output::line, watch};
use encrytrust_types::job::{DeclineReason, Role};
use encrytrust_worker::{
	config::Config,
	registration::{refresh_dataset, Refreshed},
};

impl Demo<'_> {
	/// Changes a table without a word, asks for its means in vain, has it refreshed, and asks again.
	pub(super) async fn changed_data(
		&mut self,
		jobs: &JobClient,
		parties: &Parties,
		accounts: &Accounts,
		processes: &mut Processes,
	) -> Result<()> {
		let provider = parties.workers().iter().find(|worker| worker.role == Role::DataProvider);
		let (provider, dataset) = provider.zip(accounts.datasets.first()).context("there is no data provider")?;
		self.progress.say(&format!("the table of {} gets a row that it has not declared", provider.name));
		self.table.repeat_first_row();
		self.table.write_parts(processes.folder())?;

		let job = self.ask(jobs, parties, accounts).await?.job;
		tokio::select! {
			events = watch(jobs, job, None, JobEventKind::is_end, false) => drop(events?),
			dead = processes.wait_for_a_death() => return Err(dead),
		}
		match jobs.info(job).await?.status {
			Status::Declined { by, reason: DeclineReason::Data, .. } if by == provider.account() => {},
			other => bail!("a job over changed rows was not declined, but is {other:?}"),
		}
		self.progress.say(&format!("job {job} is declined: its source is not what it declared"));

		let Refreshed { changes, block, .. } =
			refresh_dataset(&Config::read(&provider.config)?, &jobs.chain, *dataset).await?;
		let told = changes.join(", ");
		ensure!(told.contains("instead of"), "what has changed is not said: {told}");
		let block = block.context("the declaration is what it was")?;
		line(format_args!("\nblock {block}: data set {dataset} is declared anew: {told}"))?;
		let Outcome { result, .. } = self.job(jobs, parties, accounts, processes).await?;
		let faults = checks::means(&result, &self.table.means(&result)?, self.table.rows());
		ensure!(faults.is_empty(), "not all is right after the refresh: {}", faults.join("; "));
		let rows = result.rows;
		Ok(line(format_args!("Changed rows were noticed, declined, declared anew and counted: {rows} rows."))?)
	}
}
