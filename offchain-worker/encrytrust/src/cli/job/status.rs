//! Where jobs stand.

use crate::cli::common::{table, Output};
use anyhow::Result;
use encrytrust_chain_client::{AccountId, JobInfo, Party, Status};
use encrytrust_job_client::{
	amounts::ets,
	names::{party_names, role_name},
	takes_part, JobClient,
};
use encrytrust_protocol::stage_name;
use encrytrust_types::{job::Role, JobId};
use serde_json::{json, Value};

pub(super) fn status_value(id: JobId, info: &JobInfo) -> Value {
	let accounts = |who: &[AccountId]| who.iter().map(AccountId::to_string).collect::<Vec<_>>();
	let status = match &info.status {
		Status::Open { stage, since, awaited } => json!({
			"state": "open",
			"stage": stage,
			"since": since,
			"awaited": awaited.iter().map(|awaited| json!({
				"account": awaited.who.to_string(), "deadline": awaited.deadline, "challenged": awaited.challenged
			})).collect::<Vec<_>>(),
		}),
		Status::Challenge { until, challenged } => {
			json!({ "state": "challenge", "until": until, "challenged": challenged })
		},
		Status::Lapsed { at } => json!({ "state": "lapsed", "at": at }),
		Status::Cancelled { at } => json!({ "state": "cancelled", "at": at }),
		Status::Settled { at } => json!({ "state": "settled", "at": at }),
		Status::Expired { stage, late, at } => {
			json!({ "state": "expired", "stage": stage, "late": accounts(late), "at": at })
		},
		Status::Declined { by, reason, at } => {
			json!({ "state": "declined", "by": by.to_string(), "reason": reason, "at": at })
		},
		Status::Faulty { offender, fault, reporter, at } => json!({
			"state": "faulty",
			"offender": offender.to_string(),
			"fault": fault,
			"reporter": reporter.as_ref().map(AccountId::to_string),
			"at": at,
		}),
	};
	let delivered = info.commitments.iter().map(|delivered| {
		json!({
			"stage": delivered.stage,
			"who": delivered.who.to_string(),
			"block": delivered.at,
			"root": hex::encode(delivered.commitment.root),
			"blob": encrytrust_blob_store::cid(&delivered.commitment.blob).to_string(),
		})
	});
	let parties = info.contract.parties();
	json!({
		"job": id,
		"user": info.contract.user.to_string(),
		"requested_at": info.requested_at,
		"rows": info.contract.rows(),
		"template": info.contract.kind,
		"features": info.contract.features(),
		"selected": info.contract.selection.selected,
		"schedule": info.contract.schedule,
		"fee": ets(info.contract.fee),
		"bond": ets(info.contract.bond),
		"status": status,
		"parties": parties.map(|(role, party)| json!({
			"role": role, "account": party.who.to_string(), "pay": ets(party.pay)
		})).collect::<Vec<_>>(),
		"delivered": delivered.collect::<Vec<_>>(),
	})
}

pub(super) fn status_text(id: JobId, info: &JobInfo) -> String {
	let names = party_names(info);
	let list = |who: &[AccountId]| {
		who.iter().map(|who| names.get(who).cloned().unwrap_or_else(|| who.to_string())).collect::<Vec<_>>().join(", ")
	};
	let status = match &info.status {
		Status::Open { stage, awaited, .. } => {
			let deadline = awaited.iter().map(|awaited| awaited.deadline).max().unwrap_or_default();
			let awaited: Vec<_> = awaited.iter().map(|awaited| awaited.who.clone()).collect();
			format!("in the stage {} until block {deadline}, waiting for {}", stage_name(*stage), list(&awaited))
		},
		Status::Challenge { until, .. } => format!("the result is there; challenges until block {until}"),
		Status::Lapsed { at } => format!("lapsed in block {at}: not all confirmed"),
		Status::Cancelled { at } => format!("cancelled in block {at}"),
		Status::Settled { at } => format!("settled in block {at}"),
		Status::Expired { stage, late, at } => {
			format!("expired in block {at}: the stage {} was overdue, by {}", stage_name(*stage), list(late))
		},
		Status::Declined { by, reason, at } => {
			format!("declined in block {at} by {} ({reason:?})", list(std::slice::from_ref(by)))
		},
		Status::Faulty { offender, fault, at, .. } => {
			format!("ended in block {at} by a fault of {} ({fault:?})", list(std::slice::from_ref(offender)))
		},
	};
	let row = |(role, party): (Role, &Party)| {
		let stages = info.commitments.iter().filter(|delivered| delivered.who == party.who);
		let stages: Vec<String> =
			stages.map(|delivered| format!("{} in block {}", stage_name(delivered.stage), delivered.at)).collect();
		vec![role_name(role).to_string(), party.who.to_string(), ets(party.pay), stages.join(", ")]
	};
	let heading = ["ROLE", "ACCOUNT", "PAY", "DELIVERED"].map(String::from).to_vec();
	let rows: Vec<_> = std::iter::once(heading).chain(info.contract.parties().map(row)).collect();
	format!(
		"job {id}, asked for in block {}: {status}\n{:?}: {} of {} features over {} rows, {} at stake of each party\n\n{}",
		info.requested_at,
		info.contract.kind,
		info.contract.selection.selected,
		info.contract.features(),
		info.contract.rows(),
		ets(info.contract.bond),
		table(&rows)
	)
}

/// Lists jobs, newest first; only those of `user`, if one is named.
pub(super) async fn list(jobs: &JobClient, user: Option<AccountId>, limit: u64, output: &Output) -> Result<()> {
	let wanted = |info: &JobInfo| user.as_ref().is_none_or(|user| takes_part(info, user));
	let entries = jobs.newest(limit, wanted).await?;
	let values: Vec<Value> = entries.iter().map(|(id, info)| status_value(*id, info)).collect();
	output.print(&values, |_| {
		let row = |(id, info): &(JobId, JobInfo)| {
			let first = status_text(*id, info);
			let first =
				first.lines().next().and_then(|line| line.split_once(": ")).map(|(_, status)| status.to_string());
			vec![id.to_string(), info.requested_at.to_string(), first.unwrap_or_default()]
		};
		let heading = ["JOB", "BLOCK", "STATUS"].map(String::from).to_vec();
		table(&std::iter::once(heading).chain(entries.iter().map(row)).collect::<Vec<_>>())
	})
}
