//! Results, as tables and as lines.

use crate::cli::common::{table, Output};
use anyhow::{Context, Result};
use encrytrust_job_client::{files::Replacement, paths::shown, AnswerView, JobClient, JobResult, ResultView};
use encrytrust_paillier::SecretKey;
use encrytrust_protocol::user;
use encrytrust_terminal::output::{remark, stdout, OutputError};
use encrytrust_types::{job::TemplateKind, JobId};
use serde_json::{json, Value};
use std::{
	io::{self, BufWriter, Write},
	path::Path,
};

/// The numbers' names, the main one first.
fn names(kind: TemplateKind) -> &'static [&'static str] {
	match kind {
		TemplateKind::ColumnSum => &["sum"],
		TemplateKind::ColumnMean => &["mean", "sum"],
		TemplateKind::ColumnVariance => &["variance", "population_variance", "mean"],
		TemplateKind::Covariance => &["covariance", "population_covariance", "means"],
		TemplateKind::Histogram => &["counts"],
		TemplateKind::WeightedSum => &["weighted_sum"],
		TemplateKind::RowSum | TemplateKind::RowWeightedSum => &["sum", "dataset", "row"],
	}
}

/// A result as a table.
pub(super) fn result_text(view: &ResultView) -> String {
	let names = names(view.template);
	let cell = |value: Option<&Value>| match value {
		Some(Value::String(text)) => text.clone(),
		Some(Value::Array(values)) => {
			let texts = values.iter().map(|value| value.as_str().map_or_else(|| value.to_string(), Into::into));
			texts.collect::<Vec<_>>().join(" ")
		},
		_ => "-".into(),
	};
	let row = |answer: &AnswerView| {
		let numbers = names.iter().map(|name| cell(answer.numbers.get(*name)));
		std::iter::once(answer.columns.join(", ")).chain(numbers).collect()
	};
	let heading = names.iter().map(|name| name.to_uppercase().replace('_', " "));
	let heading = std::iter::once("COLUMN".to_string()).chain(heading).collect();
	let rows: Vec<_> = std::iter::once(heading).chain(view.results.iter().map(row)).collect();
	let checked = checked(&view.unchecked);
	format!("job {} over {} rows; {checked}\n\n{}", view.job, view.rows, table(&rows))
}

/// Fetches, checks and decrypts the rows of row-wise jobs, part by part, and writes them line by line.
pub(super) async fn write_rows(
	jobs: &JobClient,
	ids: &[JobId],
	key: &SecretKey,
	note: &Path,
	csv: Option<&Path>,
	output: &Output,
) -> Result<()> {
	match csv {
		Some(path) => {
			let cannot = || format!("cannot write {}", shown(path));
			let mut file = Replacement::new(path).with_context(cannot)?;
			let wrong = |error| anyhow::Error::new(error).context(cannot());
			rows_of_jobs(jobs, ids, (key, note), &mut file, wrong, false).await?;
			file.finish().with_context(cannot)
		},
		None => {
			let mut lines = BufWriter::new(stdout());
			let wrong = |error| OutputError::from(error).into();
			rows_of_jobs(jobs, ids, (key, note), &mut lines, wrong, output.is_json()).await
		},
	}
}

/// Writes the rows of one job after the other. `wrong` says where a line could not be written to.
async fn rows_of_jobs(
	jobs: &JobClient,
	ids: &[JobId],
	(key, note): (&SecretKey, &Path),
	lines: &mut impl Write,
	wrong: impl Fn(io::Error) -> anyhow::Error,
	as_json: bool,
) -> Result<()> {
	if !as_json {
		writeln!(lines, "dataset,row,sum").map_err(&wrong)?;
	}
	for id in ids {
		let result = jobs.result(*id, note).await?;
		rows_to(lines, &wrong, &result, key, as_json)?;
		let rows = result.job().contract.rows();
		remark(format_args!("job {id}: the sums of {rows} rows; {}", checked(&result.unchecked)));
	}
	Ok(())
}

/// Decrypts a job's rows and writes each to a line, as an object or as cells.
fn rows_to(
	lines: &mut impl Write,
	wrong: &impl Fn(io::Error) -> anyhow::Error,
	result: &JobResult,
	key: &SecretKey,
	as_json: bool,
) -> Result<()> {
	let contract = &result.job().contract;
	result.for_each_part(key, |answers| {
		for answer in answers {
			let user::Value::Row { data, row, sum } = &answer.value else { continue };
			let dataset = contract.data.get(usize::from(*data)).map_or(0, |data| data.dataset);
			let written = if as_json {
				writeln!(lines, "{}", json!({ "dataset": dataset, "row": row, "sum": sum.to_string() }))
			} else {
				writeln!(lines, "{dataset},{row},{sum}")
			};
			written.map_err(wrong)?;
		}
		Ok(())
	})?;
	lines.flush().map_err(wrong)
}

/// What was looked at, in words.
fn checked(unchecked: &[String]) -> String {
	if unchecked.is_empty() {
		return "the result is what the chain has, and all that it was computed from was checked".into();
	}
	let checks: String = unchecked.iter().map(|check| format!("\n  not checked: {check}")).collect();
	format!("the result is what the chain has; not all that it was computed from could be had to be checked{checks}")
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn what_was_not_checked_is_said_line_by_line() {
		assert!(checked(&[]).ends_with("was checked"));
		let text = checked(&["every leaf".into(), "every product".into()]);
		assert!(text.ends_with("\n  not checked: every leaf\n  not checked: every product"), "{text}");
	}
}
