//! Children that are killed with SIGKILL while a job goes on, and started again.

use super::processes::Processes;
use anyhow::{anyhow, Result};
use encrytrust_chain_client::{Client, Status};
use encrytrust_terminal::output::remark;
use encrytrust_types::job::Stage;
use std::time::Duration;

/// Whom the demonstration kills while it follows a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kills {
	/// Nobody.
	None,
	/// Every worker twice in each stage, and the node in two of them.
	EachStage,
	/// So many more, at random moments.
	Random(u32),
}

impl Kills {
	/// Kills, and waits until a child has ended by itself.
	pub(super) async fn disturb(&mut self, client: &Client, job: u64, processes: &mut Processes) -> anyhow::Error {
		let ended = match self {
			Self::None => return processes.wait_for_a_death().await,
			Self::EachStage => in_each_stage(client, job, processes).await,
			Self::Random(left) => at_random(left, processes).await,
		};
		match ended {
			Ok(()) => processes.wait_for_a_death().await,
			Err(error) => error,
		}
	}
}

/// Kills the workers at the beginning of each stage and in the middle of their work, and the node in two stages.
async fn in_each_stage(client: &Client, job: u64, processes: &mut Processes) -> Result<()> {
	/// In which time a worker has begun its duty, and perhaps submitted its extrinsic.
	const MIDDLE: Duration = Duration::from_millis(1_500);
	let mut last = None;
	loop {
		processes.check_alive()?;
		let head = client.finalized().await?;
		let Some(info) = client.at(head.hash).job(job).await? else { return Err(anyhow!("the job is gone")) };
		let stage = match info.status {
			Status::Open { stage, .. } => Some(stage),
			_ => None,
		};
		if let Some(stage) = stage.filter(|stage| last != Some(*stage)) {
			last = Some(stage);
			remark("         killing the workers");
			processes.restart_workers().await?;
			if matches!(stage, Stage::Inputs | Stage::Result) {
				remark("         killing the node");
				processes.restart_node().await?;
			}
			tokio::time::sleep(MIDDLE).await;
			processes.restart_workers().await?;
		}
		tokio::time::sleep(Duration::from_millis(100)).await;
	}
}

/// Kills one child after the other at random moments, every twentieth time the node, until none is left to be killed.
async fn at_random(left: &mut u32, processes: &mut Processes) -> Result<()> {
	/// The longest time between two kills.
	const LONGEST: u32 = 800;
	while *left > 0 {
		tokio::time::sleep(Duration::from_millis(u64::from(random_below(LONGEST)?))).await;
		processes.check_alive()?;
		let killed = match random_below(20)? {
			0 => {
				processes.restart_node().await?;
				"the node".into()
			},
			_ => processes.restart_worker(random_below(u32::MAX)? as usize).await?,
		};
		*left -= 1;
		remark(format_args!("         killed {killed}; {left} more"));
	}
	Ok(())
}

fn random_below(limit: u32) -> Result<u32> {
	let mut bytes = [0; 4];
	getrandom::fill(&mut bytes).map_err(|error| anyhow!("no random bytes: {error}"))?;
	// Some moments are more probable than others by a billionth.
	Ok(u32::from_le_bytes(bytes) % limit.max(1))
}
