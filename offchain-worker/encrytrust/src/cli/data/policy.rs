//! Policies: who may ask what of a data set, and what they learn.

use crate::cli::common::account;
use anyhow::{bail, Result};
use encrytrust_chain_client::{AccountId, Client, Policy};
use encrytrust_job_client::{find_template, names::shown};
use encrytrust_types::{
	job::{Template, TemplateKind},
	TemplateId,
};

/// The least rows behind a number, if nobody says otherwise.
const DEFAULT_MIN_ROWS: u64 = 10;

/// Who may ask what.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct PolicyArguments {
	/// A template allowed, by name or id. May be repeated. If left out: all that compute over rows together, none that gives
	/// a number for each row.
	#[arg(long = "template", value_name = "TEMPLATE")]
	templates: Vec<String>,
	/// The least number of rows, over all data sets of a job, behind any number that leaves; 10 if left out. A template that
	/// gives a number for each row needs 1.
	#[arg(long, value_name = "ROWS")]
	min_rows: Option<u64>,
	/// A buyer allowed; everyone if left out. May be repeated.
	#[arg(long = "buyer", value_name = "ACCOUNT", value_parser = account)]
	buyers: Vec<AccountId>,
	/// The most jobs that one buyer gets.
	#[arg(long, value_name = "JOBS")]
	max_queries: Option<u32>,
}

/// The templates that the chain has.
pub(super) async fn templates(client: &Client) -> Result<Vec<(TemplateId, Template)>> {
	Ok(client.at(client.finalized().await?.hash).templates().await?)
}

/// The policy that the arguments tell; what they leave out is as in `current`, or the safe choice.
pub(super) fn policy(
	known: &[(TemplateId, Template)],
	arguments: PolicyArguments,
	current: Option<Policy>,
) -> Result<Policy> {
	let mut templates = Vec::new();
	for name in &arguments.templates {
		templates.push(find_template(known, name)?.0);
	}
	let many = |what: &str| anyhow::anyhow!("too many {what}: at most 64");
	let templates = match &current {
		Some(current) if templates.is_empty() => current.templates.clone(),
		None if templates.is_empty() => {
			let safe = known.iter().filter(|(_, template)| !template.retired && !template.kind.is_row_wise());
			safe.map(|(id, _)| *id).collect::<Vec<_>>().try_into().map_err(|_| many("templates"))?
		},
		_ => templates.try_into().map_err(|_| many("templates"))?,
	};
	let buyers = match arguments.buyers {
		none if none.is_empty() => current.as_ref().and_then(|current| current.buyers.clone()),
		buyers => Some(buyers.try_into().map_err(|_| many("buyers"))?),
	};
	let before = current.as_ref().map(|current| current.min_rows);
	let min_rows = arguments.min_rows.or(before).unwrap_or(DEFAULT_MIN_ROWS);
	let row_wise = known.iter().find(|(id, template)| templates.contains(id) && template.kind.is_row_wise());
	if let Some((_, template)) = row_wise.filter(|_| min_rows > 1) {
		bail!(
			"the template '{}' gives a number for each row, and {min_rows} rows are wanted behind every number: say \
			 --min-rows 1 if single values may be sold, or allow other templates alone",
			shown(&template.name)
		);
	}
	Ok(Policy {
		templates,
		min_rows,
		buyers,
		max_queries: arguments.max_queries.or(current.and_then(|current| current.max_queries)),
	})
}

/// What a buyer can learn of a data set with this policy, in a sentence.
pub(super) fn disclosure(policy: &Policy, known: &[(TemplateId, Template)]) -> String {
	let open = known.iter().filter(|(id, template)| policy.templates.contains(id) && !template.retired);
	let (row_wise, together): (Vec<_>, Vec<_>) =
		open.map(|(_, template)| template.kind).partition(|kind| kind.is_row_wise());
	let who = match &policy.buyers {
		None => "Anyone".into(),
		Some(buyers) if buyers.is_empty() => return "Nobody can buy anything: no buyer is allowed.".into(),
		Some(buyers) if buyers.len() == 1 => "One named account".into(),
		Some(buyers) => format!("{} named accounts", buyers.len()),
	};
	let often = match policy.max_queries {
		None => "as often as they like".into(),
		Some(1) => "once".into(),
		Some(most) => format!("{most} times at most"),
	};
	if !row_wise.is_empty() && policy.min_rows <= 1 {
		return format!("{who} can buy every single value of every row, {often}.");
	}
	if together.is_empty() {
		return "Nobody can buy anything: no template is allowed that the policy's number of rows leaves possible."
			.into();
	}
	let mut kinds: Vec<&str> = together.iter().map(|kind| plural(*kind)).collect();
	kinds.dedup();
	let bins =
		if together.contains(&TemplateKind::Histogram) { "; a histogram's bin may count a single row" } else { "" };
	let kinds = kinds.join(", ");
	match policy.min_rows {
		0 | 1 => format!(
			"{who} can buy {kinds} of the columns over all rows of a job, {often}; a job may be over a single row, and \
			 so tell that row's own values."
		),
		rows => format!(
			"{who} can buy {kinds} of the columns over all rows of a job, {rows} at least, {often}, and no row's own \
			 values{bins}."
		),
	}
}

fn plural(kind: TemplateKind) -> &'static str {
	match kind {
		TemplateKind::ColumnSum => "sums",
		TemplateKind::ColumnMean => "means",
		TemplateKind::ColumnVariance => "variances",
		TemplateKind::Covariance => "covariances",
		TemplateKind::Histogram => "histograms",
		TemplateKind::WeightedSum => "weighted sums",
		TemplateKind::RowSum | TemplateKind::RowWeightedSum => "rows",
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	const KINDS: [(&str, TemplateKind); 4] = [
		("column sum", TemplateKind::ColumnSum),
		("histogram", TemplateKind::Histogram),
		("row sum", TemplateKind::RowSum),
		("row weighted sum", TemplateKind::RowWeightedSum),
	];

	fn known() -> Vec<(TemplateId, Template)> {
		let template = |(name, kind): (&str, _)| Template {
			name: name.as_bytes().to_vec().try_into().unwrap(),
			kind,
			retired: false,
		};
		(0..).zip(KINDS.map(template)).collect()
	}

	fn named(templates: &[&str], min_rows: Option<u64>) -> PolicyArguments {
		let templates = templates.iter().map(|name| name.to_string()).collect();
		PolicyArguments { templates, min_rows, buyers: vec![], max_queries: None }
	}

	#[test]
	fn a_policy_that_says_nothing_sells_no_single_value() {
		let policy = policy(&known(), named(&[], None), None).unwrap();
		assert_eq!((policy.templates.to_vec(), policy.min_rows), (vec![0, 1], 10));
		let learnt = disclosure(&policy, &known());
		assert!(learnt.contains("no row's own values") && learnt.contains("10 at least"), "{learnt}");
	}

	#[test]
	fn row_wise_templates_are_allowed_by_name_and_with_one_row_alone() {
		let refusal = policy(&known(), named(&["row-sum"], None), None).unwrap_err().to_string();
		assert!(refusal.contains("'row sum'") && refusal.contains("--min-rows 1"), "{refusal}");
		let open = policy(&known(), named(&["row-sum"], Some(1)), None).unwrap();
		assert_eq!((open.templates.to_vec(), open.min_rows), (vec![2], 1));
		assert!(disclosure(&open, &known()).contains("Anyone can buy every single value"));
		// An update that raises the rows has to drop the template, or name others.
		assert!(policy(&known(), named(&[], Some(10)), Some(open.clone())).is_err());
		let others = policy(&known(), named(&["sum"], Some(10)), Some(open)).unwrap();
		assert_eq!((others.templates.to_vec(), others.min_rows), (vec![0], 10));
	}

	#[test]
	fn a_disclosure_says_who_what_and_how_often() {
		let all = Policy {
			templates: vec![0, 1].try_into().unwrap(),
			min_rows: 10,
			buyers: Some(vec![AccountId([1; 32])].try_into().unwrap()),
			max_queries: Some(3),
		};
		let sums = Policy { templates: vec![0].try_into().unwrap(), ..all.clone() };
		let [none, one] = [0, 1].map(|min_rows| Policy { min_rows, ..all.clone() });
		let nobody = Policy { buyers: Some(Default::default()), ..all.clone() };
		let impossible = Policy { templates: vec![2].try_into().unwrap(), ..all.clone() };
		for (policy, words, not) in [
			(
				&all,
				&["One named account", "sums, histograms", "3 times at most", "bin may count a single row"][..],
				"rows,",
			),
			(&sums, &["sums of the columns", "10 at least", "no row's own values"], "bin"),
			(&none, &["sums, histograms", "3 times at most", "a single row", "tell that row's own values"], "no row"),
			(&one, &["sums, histograms", "3 times at most", "a single row", "tell that row's own values"], "no row"),
			(&nobody, &["no buyer is allowed"], "can buy sums"),
			(&impossible, &["Nobody can buy anything"], "every single"),
		] {
			let learnt = disclosure(policy, &known());
			assert!(words.iter().all(|word| learnt.contains(word)), "{learnt}");
			assert!(!learnt.contains(not), "{learnt}");
		}
	}
}
