//! Schemas in words.

use crate::output::remark;
use encrytrust_datasets::{Inference, Reason};

/// A sentence on standard error for every column that is left out, and for what could be read in two ways.
pub fn remark_left_out(inference: &Inference) {
	inference.left_out.iter().for_each(remark);
	if inference.left_out.iter().any(|left_out| matches!(left_out.reason, Reason::Id | Reason::NumberForName)) {
		remark("note: `--column NAME` asks for a column by its name, and takes those alone that are named");
	}
	inference.remarks.iter().for_each(|text| remark(format_args!("note: {text}")));
}
