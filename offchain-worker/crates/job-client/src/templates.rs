//! The templates that the chain has.

use crate::names::{shown, text};
use anyhow::{bail, Result};
use encrytrust_types::{
	job::{Template, TemplateKind},
	TemplateId,
};

/// A template by id, by its name, or by what it computes: `sum`, `mean` and so on.
pub fn find_template(known: &[(TemplateId, Template)], wanted: &str) -> Result<(TemplateId, TemplateKind)> {
	let kind = match wanted {
		"sum" | "column-sum" => Some(TemplateKind::ColumnSum),
		"mean" | "column-mean" => Some(TemplateKind::ColumnMean),
		"variance" | "column-variance" => Some(TemplateKind::ColumnVariance),
		"covariance" => Some(TemplateKind::Covariance),
		"histogram" => Some(TemplateKind::Histogram),
		"weighted-sum" => Some(TemplateKind::WeightedSum),
		"row-sum" => Some(TemplateKind::RowSum),
		"row-weighted-sum" => Some(TemplateKind::RowWeightedSum),
		_ => None,
	};
	let fits = |(id, template): &&(TemplateId, Template)| {
		wanted.parse() == Ok(*id)
			|| text(&template.name) == wanted
			|| (kind == Some(template.kind) && !template.retired)
	};
	match known.iter().find(fits) {
		Some((id, template)) => Ok((*id, template.kind)),
		None => {
			let names: Vec<String> =
				known.iter().map(|(id, template)| format!("{id} ({})", shown(&template.name))).collect();
			bail!("there is no template '{wanted}'; the chain has {}", names.join(", "))
		},
	}
}
