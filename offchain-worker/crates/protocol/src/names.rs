//! Names of what parties publish.

use encrytrust_types::job::{Stage, Unit};

/// A stage's name for people and files.
pub fn stage_name(stage: Stage) -> &'static str {
	match stage {
		Stage::Confirmation => "confirmation",
		Stage::Selection => "selection",
		Stage::Inputs => "inputs",
		Stage::Outputs => "outputs",
		Stage::Result => "result",
	}
}

/// A message unit's name for people: parties and parts are counted from 1.
pub fn unit_name(unit: &Unit) -> String {
	let one = |place: &u16| u32::from(*place) + 1;
	match unit {
		Unit::Selection { computing } => format!("the selection for computing provider {}", one(computing)),
		Unit::Entries { data, part } => format!("part {} of the entries of data provider {}", part + 1, one(data)),
		Unit::Message { data, computing, part } => format!(
			"part {} of what data provider {} sealed for computing provider {}",
			part + 1,
			one(data),
			one(computing)
		),
		Unit::Outputs { computing, part } => {
			format!("part {} of the outputs of computing provider {}", part + 1, one(computing))
		},
		Unit::Result { part } => format!("part {} of the result", part + 1),
	}
}
