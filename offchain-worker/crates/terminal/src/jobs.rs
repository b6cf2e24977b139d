//! Jobs in words.

use crate::{output::remark, progress::spinner, table::table};
use anyhow::Result;
use encrytrust_chain_client::{AccountId, Balance, BlockNumber, Quote};
use encrytrust_job_client::{
	amounts::ets,
	events::{self, JobEvent, JobEventKind},
	names::party_names,
	JobClient,
};
use encrytrust_protocol::stage_name;
use encrytrust_types::{text::escaped, JobId};
use serde_json::{json, Value};
use std::{collections::BTreeMap, io::IsTerminal};

/// Follows a job from block `from` until an event that `ends`, or its end. Unless `quiet`, each is written to standard
/// error.
pub async fn watch(
	jobs: &JobClient,
	id: JobId,
	from: Option<BlockNumber>,
	ends: impl Fn(&JobEventKind) -> bool,
	quiet: bool,
) -> Result<Vec<JobEvent>> {
	let info = jobs.info(id).await?;
	let names = party_names(&info);
	let bar = (!quiet && std::io::stderr().is_terminal()).then(|| spinner(&format!("job {id}")));
	let events = events::follow(&jobs.chain, id, from.unwrap_or(info.requested_at), ends, |event| {
		let line = escaped(&format!("block {:>6}  {}", event.block, describe(&event.kind, &names)));
		match &bar {
			Some(bar) => {
				bar.println(line);
				bar.set_message(format!("job {id}: block {}", event.block));
			},
			None if !quiet => remark(line),
			None => {},
		}
	})
	.await;
	if let Some(bar) = bar {
		bar.finish_and_clear();
	}
	events
}

fn describe(kind: &JobEventKind, names: &BTreeMap<AccountId, String>) -> String {
	let name = |who: &AccountId| names.get(who).cloned().unwrap_or_else(|| who.to_string());
	match kind {
		JobEventKind::Requested { total } => format!("requested, {} on hold", ets(*total)),
		JobEventKind::Entered(stage) => format!("stage {}", stage_name(*stage)),
		JobEventKind::Confirmed(who) => format!("  {} confirmed", name(who)),
		JobEventKind::Delivered(stage, who) => format!("  {} delivered ({})", name(who), stage_name(*stage)),
		JobEventKind::Challenge { until } => format!("the result is there; challenges until block {until}"),
		JobEventKind::Paid { who, amount, .. } => format!("  {} got {}", name(who), ets(*amount)),
		JobEventKind::Settled { fee } => format!("settled; fee {}", ets(*fee)),
		JobEventKind::Slashed { who, amount } => format!("  {} lost {} of its bond", name(who), ets(*amount)),
		JobEventKind::Compensated { who, by, amount } => {
			format!("  {} got {} out of the bond of {}", name(who), ets(*amount), name(by))
		},
		JobEventKind::Expired(stage) => {
			format!("expired: the stage {} was overdue; the user was refunded", stage_name(*stage))
		},
		JobEventKind::Declined(who) => format!("declined by {}; the user was refunded", name(who)),
		JobEventKind::Lapsed => "lapsed: not all confirmed; the user was refunded".into(),
		JobEventKind::Cancelled => "cancelled; the user was refunded".into(),
		JobEventKind::Challenged { unit, challenger } => {
			format!("  {} challenges the availability of unit {unit}", name(challenger))
		},
		JobEventKind::Published { unit, chunk } => format!("  chunk {chunk} of unit {unit} is published"),
		JobEventKind::Faulty { offender, fault, reporter } => {
			let shown = reporter.as_ref().map(|who| format!(", shown by {}", name(who))).unwrap_or_default();
			format!("{} is at fault ({fault}){shown}; the user was refunded", name(offender))
		},
	}
}

/// A quote as JSON.
pub fn quote_value(quote: &Quote) -> Value {
	let parts = |parts: &[(AccountId, Balance)]| {
		parts.iter().map(|(who, pay)| json!({ "account": who.to_string(), "pay": ets(*pay) })).collect::<Vec<_>>()
	};
	json!({
		"data": parts(&quote.data),
		"computing": parts(&quote.computing),
		"coordination": ets(quote.coordination),
		"fee": ets(quote.fee),
		"total": ets(quote.total),
		"prepaid_fees": ets(quote.prepaid_fees),
		"charges": ets(quote.charges),
		"bond": ets(quote.bond),
	})
}

/// A quote's JSON as a table.
pub fn quote_text(value: &Value) -> String {
	let cell = |value: &Value| value.as_str().unwrap_or_default().to_string();
	let mut rows = Vec::new();
	for (key, name) in [("data", "data provider"), ("computing", "computing provider")] {
		for (index, part) in value[key].as_array().into_iter().flatten().enumerate() {
			rows.push(vec![format!("{name} {}", index + 1), cell(&part["pay"]), cell(&part["account"])]);
		}
	}
	let sums = [
		("coordination", "coordinator"),
		("fee", "service fee"),
		("total", "held in escrow"),
		("prepaid_fees", "prepaid fees, not returned"),
		("charges", "for publications and a report at most"),
		("bond", "at stake of each party"),
	];
	for (key, name) in sums {
		rows.push(vec![name.to_string(), cell(&value[key])]);
	}
	table(&rows)
}
