//! Rows that change after they were declared: the job is declined until the data provider declares them anew.

use super::{
	chain::{Accounts, Parties},
	checks,
	processes::Processes,
	Demo, Outcome, STAGE_BLOCKS,
};
use crate::{cli, output::line, timeline::What};
use anyhow::{bail, ensure, Context, Result};
use encrytrust_chain_client::{Client, Status};
use encrytrust_types::job::{DeclineReason, Role};

impl Demo<'_> {
	/// Changes a table without a word, asks for its means in vain, has it refreshed, and asks again.
	pub(super) async fn changed_data(
		&mut self,
		client: &Client,
		parties: &Parties,
		accounts: &Accounts,
		processes: &mut Processes,
	) -> Result<()> {
		let provider = parties.workers().iter().find(|worker| worker.role == Role::DataProvider);
		let (provider, data_set) = provider.zip(accounts.data_sets.first()).context("there is no data provider")?;
		self.progress.say(&format!("the table of {} gets a row that it has not declared", provider.name));
		self.table.repeat_first_row();
		self.table.write_parts(processes.folder())?;

		let job = self.ask(client, parties, accounts, STAGE_BLOCKS).await?.job;
		tokio::select! {
			moments = cli::watch(client, job, None, What::is_end, false) => drop(moments?),
			dead = processes.wait_for_a_death() => return Err(dead),
		}
		match cli::job_info(client, job).await?.status {
			Status::Declined { by, reason: DeclineReason::Data, .. } if by == provider.account() => {},
			other => bail!("a job over changed rows was not declined, but is {other:?}"),
		}
		self.progress.say(&format!("job {job} is declined: its source is not what it declared"));

		let told = processes.run(&["dataset", "refresh", &data_set.to_string(), "--config"], &provider.config).await?;
		ensure!(told.contains("instead of"), "what has changed is not said: {told}");
		line(format_args!("\n{told}"))?;
		let Outcome { result, .. } = self.job(client, parties, accounts, processes).await?;
		let faults = checks::means(&result, &self.table.means(&result)?, self.table.rows());
		ensure!(faults.is_empty(), "not all is right after the refresh: {}", faults.join("; "));
		let rows = result.rows;
		Ok(line(format_args!("Changed rows were noticed, declined, declared anew and counted: {rows} rows."))?)
	}
}
