//! Audits and faults, as reports and lists.

use crate::cli::common::{table, Output};
use anyhow::{bail, Result};
use encrytrust_chain_client::{AccountId, Keypair, Status};
use encrytrust_job_client::{names::party_names, word, Audit, JobClient};
use encrytrust_terminal::output::remark;
use encrytrust_types::JobId;
use serde_json::{json, Value};
use std::path::Path;

/// Checks a job, prints the report, and shows its first fault to the chain if there is a `reporter`.
///
/// # Errors
///
/// Anything that is wrong with the job, after the report.
pub(super) async fn audit(
	jobs: &JobClient,
	id: JobId,
	key: Option<&Path>,
	reporter: Option<&Keypair>,
	output: &Output,
) -> Result<()> {
	let audit = jobs.audit(id, key).await?;
	output.print(&report_value(&audit)?, |_| {
		let line = audit.ending.as_ref().map(|ending| ending.line(&party_names(&audit.info)));
		line.into_iter().fold(audit.report.to_string(), |text, line| format!("{text}\n{line}"))
	})?;
	if let Some(signer) = reporter {
		let block = jobs.report_fault(&audit, signer).await?;
		remark(format_args!("block {}: the fault is shown, the job is over", block.number));
	}
	if !audit.report.sound {
		bail!("job {id} is not sound: the report says what is wrong or missing");
	}
	Ok(())
}

fn report_value(audit: &Audit) -> Result<Value> {
	let mut value = serde_json::to_value(&audit.report)?;
	value["ending"] = serde_json::to_value(&audit.ending)?;
	Ok(value)
}

/// Lists the jobs that ended by a fault, newest first.
pub(super) async fn faults(jobs: &JobClient, limit: u64, output: &Output) -> Result<()> {
	let mut values = Vec::new();
	let mut rows = vec![["JOB", "BLOCK", "FAULT", "WHO"].map(String::from).to_vec()];
	for (id, info) in jobs.newest(limit, |info| matches!(info.status, Status::Faulty { .. })).await? {
		let Status::Faulty { offender, fault, reporter, at } = &info.status else { continue };
		let name = party_names(&info).get(offender).cloned().unwrap_or_default();
		rows.push(vec![id.to_string(), at.to_string(), word(fault), format!("{name} ({offender})")]);
		values.push(json!({
			"job": id,
			"block": at,
			"offender": offender.to_string(),
			"party": name,
			"fault": fault,
			"reporter": reporter.as_ref().map(AccountId::to_string),
			"ending": jobs.ending(id, &info).await?,
		}));
	}
	output.print(&values, |_| table(&rows))
}
