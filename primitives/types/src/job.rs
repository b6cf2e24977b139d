//! Computation contracts: the types that chain and workers share, and the rules that both must apply alike.
//!
//! A *job* joins datasets with equal columns. Its parties are one data provider (DP) for each dataset, computing
//! providers (CP) and a coordinator (CORD); its stages are [`Stage`]. `docs/protocol/bmpc.md` tells the whole.

mod basis;
mod challenge;
mod commitment;
mod contract;
mod duty;
mod mask_key;
mod parts;
mod party;
mod request;
#[cfg(any(test, feature = "samples"))]
pub mod sample;
mod sealing;
mod selection;
mod stage;
mod status;
mod sums;
mod template;
mod tree_shape;
pub mod unit;
mod work;

pub use basis::basis;
pub use challenge::{ChunkSet, OpenUnit, UnitSet};
pub use commitment::{Commitment, Delivered};
pub use contract::{ComputingParty, Contract, DataParty, Party};
pub use duty::{Duty, DutyKind};
pub use mask_key::{MaskKey, MaskKeyList};
pub use parts::{Packing, Place};
pub use party::{Endpoint, Offer, Record, Registration, Role, Terms};
pub use request::{Quote, Request, RowRange};
pub use sealing::sealing_info;
pub use selection::{FeatureChoice, FeatureOpening, Selection, SelectionTerms};
pub use stage::{Schedule, Stage};
pub use status::{Awaited, DeclineReason, FaultKind, JobInfo, Status};
pub use sums::{slot_bits, sums_fit, MAX_SUM_BITS};
pub use template::{pair, Parameters, Template, TemplateKind};
pub use tree_shape::TreeShape;
pub use unit::Unit;
pub use work::Load;
