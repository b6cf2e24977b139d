//! Which columns tables can offer.

use crate::{
	columns,
	scan::{header, read},
	survey::Survey,
	table::check_unique,
	DataError, Inference, Source,
};

/// A schema that holds all values of all `sources`, for datasets that are combined in a job, and what it leaves out.
///
/// Its columns are those called `named`, in that order: it fails if one of them cannot be offered. If none is named,
/// they are those with a number in every row of every source that do not look like ids, in the first source's order.
/// Each has the most decimals seen and bits for the largest magnitude seen and one to spare.
pub fn infer_schema(sources: &[Source], named: &[String]) -> Result<Inference, DataError> {
	let Some(first) = sources.first() else { return Ok(Inference::default()) };
	let header = header(first)?;
	check_unique(&first.to_string(), header.iter().map(|column| column.name.as_str()))?;
	check_unique("the list of columns", named.iter().map(String::as_str))?;
	let all: Vec<String> = header.iter().map(|column| column.name.clone()).collect();
	let mut survey = match named.is_empty() {
		true => Survey::of_all(header),
		false => Survey::of_named(named.to_vec()),
	};
	for source in sources {
		survey.begin_source();
		let names = survey.names();
		let names: Vec<&str> = names.iter().map(String::as_str).collect();
		let rows = read(source, &names, &mut survey)?;
		if rows == 0 {
			return Err(DataError::NoRows { place: source.to_string() });
		}
		// What is left out here need not exist in the others.
		survey.end_source(&source.to_string(), rows)?;
	}
	if named.is_empty() {
		for source in &sources[1..] {
			let more = columns(source)?.into_iter().filter(|name| !all.contains(name));
			more.for_each(|name| survey.leave_out_foreign(&name, &source.to_string(), &first.to_string()));
		}
	}
	let inference = survey.inference(&all);
	match inference.columns.is_empty() {
		true => Err(DataError::NoNumbers { place: first.to_string(), left_out: inference.left_out }),
		false => Ok(inference),
	}
}

/// Sentences about what is read in one of two possible ways, by a schema with columns of these names.
pub fn remarks(source: &Source, names: &[String]) -> Result<Vec<String>, DataError> {
	let mut survey = Survey::of_named(names.to_vec());
	let names: Vec<&str> = names.iter().map(String::as_str).collect();
	let rows = read(source, &names, &mut survey)?;
	survey.end_source(&source.to_string(), rows)?;
	Ok(survey.inference(&[]).remarks)
}
