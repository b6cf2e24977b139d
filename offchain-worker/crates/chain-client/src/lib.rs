//! The chain as workers and the command line see it: calls, runtime APIs, finalised blocks and balances over JSON-RPC.
//!
//! No code is generated from metadata. A [`Call`] finds its indices by name in the metadata of the node it is sent to
//! and carries arguments encoded by the types of `encrytrust-types`; the runtime APIs are read by `state_call`,
//! storage by a [`StorageKey`], and decoded into the same types. What makes that sound is [`Client::connect`]: it
//! compares the hashes of the used parts of the metadata with those of the metadata in this crate, and refuses a node
//! that differs.
//!
//! A node that goes away is waited for: requests under way are repeated once it is back, [`Client::follow`] goes on with
//! the newest finalised block, and the log says so once. One that lags behind is waited for as well; a chain that was
//! started again under the same genesis is recognised by its blocks' hashes ([`KnownBlocks`]).
//!
//! | module | subject |
//! |---|---|
//! | `connection` | connecting to a node, repeating requests |
//! | `compatibility` | comparing metadata |
//! | `blocks`, `known_blocks` | following finalised blocks, and what is in them |
//! | `publications` | published chunks in a block's extrinsics |
//! | `api`, `state`, `storage` | reading the state at a block |
//! | `transactions` | signing, submitting and finding extrinsics |

mod account;
mod api;
mod blocks;
mod call;
mod compatibility;
mod connection;
mod dispatch;
mod error;
mod events;
#[cfg(test)]
mod fake_node;
mod identity_key;
mod known_blocks;
mod node_url;
mod publications;
mod state;
mod storage;
mod transactions;
mod types;

pub use account::{account_of, keypair};
pub use api::Api;
pub use blocks::Heads;
pub use call::Call;
pub use connection::Client;
pub use dispatch::DispatchFailure;
pub use error::Error;
pub use events::Event;
pub use identity_key::{is_signed_by_key, sign_by_key};
pub use known_blocks::{ChainReset, KnownBlocks};
pub use node_url::NodeUrl;
pub use storage::StorageKey;
pub use transactions::{Inclusion, Outcome, Signed, INCLUDED, MORTALITY};
pub use types::{
	AccountBalance, AccountId, Balance, Block, BlockNumber, BondInfo, BondKind, Contract, Dataset, Delivered, Duty,
	IdentityKey, IdentityKeyEvent, IdentityKeyRequest, JobInfo, Keypair, Offer, OpenUnit, Party, Policy, Publication,
	Quote, Registration, Request, Schedule, Status, Terms, Unbonding, H256,
};
