//! The chain as workers and the command line see it: calls, runtime APIs, finalised blocks and balances over JSON-RPC.
//!
//! No code is generated from metadata. A [`Call`] finds its indices by name in the metadata of the node it is sent to and
//! carries arguments encoded by the types of `encrytrust-types`; the runtime APIs are read by `state_call` and
//! decoded into the same types. What makes that sound is [`Client::connect`]: it compares the hashes of the parts of the
//! metadata that are used with those of the metadata in this crate, and refuses a node that differs.
//!
//! A node that goes away is waited for: requests under way are repeated once it is back, [`Client::follow`] goes on with
//! the newest finalised block, and the log says so once. One that lags behind what was seen is waited for as well; one
//! whose chain was begun anew under the same genesis is told by its blocks' hashes ([`Landmarks`]).

mod api;
mod call;
mod client;
mod error;
mod events;
mod landmarks;
mod node_url;
mod types;

pub use api::Api;
pub use call::Call;
pub use client::{Client, Heads, Signed, INCLUDED, MORTALITY};
pub use error::{DispatchFailure, Error};
pub use events::{Event, Inclusion, Outcome};
pub use landmarks::{Landmarks, Reset};
pub use node_url::NodeUrl;
pub use types::{
	keypair, AccountBalance, AccountId, Balance, Block, BlockNumber, BondInfo, BondKind, Contract, DataSet, Delivered,
	Demand, DemandAnswer, Duty, IdentityKey, IdentityKeyEvent, IdentityKeyRequest, JobInfo, Keypair, Offer, Party,
	Policy, Quote, Registration, Request, Schedule, Status, Unbonding, H256,
};
