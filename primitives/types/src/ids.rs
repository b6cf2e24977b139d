//! Numbers that stand for what is on chain.

/// Identifies a job.
pub type JobId = u64;
/// Identifies a data set.
pub type DataSetId = u64;
/// Identifies a template.
pub type TemplateId = u16;
