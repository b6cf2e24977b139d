//! Blobs from worker to worker, authenticated and encrypted, over libp2p: TCP (IPv4, IPv6 or DNS names), Noise, Yamux.
//!
//! Workers know each other by the Ed25519 key that is registered on chain; the libp2p peer id follows from it
//! ([`peer_id_of`]). Noise proves that the peer at an address holds that key, so an address that leads to another peer
//! is an error ([`FetchError::WrongPeer`]), never a source of bytes. A blob is named by the sha2-256 of
//! its bytes, and what arrives is hashed before it is returned.
//!
//! ```no_run
//! # async fn example(seed: [u8; 32], store: encrytrust_blob_store::BlobStore, key: [u8; 32], digest: [u8; 32])
//! # -> Result<(), Box<dyn std::error::Error>> {
//! use encrytrust_transport::{Config, Network, Peer};
//! use std::sync::Arc;
//!
//! let mut config = Config::new(seed.into());
//! config.listen = vec!["/ip4/0.0.0.0/tcp/4001".into()];
//! let network = Network::start(config, Arc::new(store))?;
//! let blob = network.fetch(Peer { key, address: "/dns4/hospital.example/tcp/4001".into() }, digest, 1 << 20).await?;
//! # Ok(()) }
//! ```
//!
//! # Protocol `/encrytrust/blob/2`
//!
//! One request and one response on a stream of its own; integers are little-endian.
//!
//! | message | bytes |
//! |---|---|
//! | request: a piece | `0`, digest (32), offset (u64) |
//! | request: an offer | `1`, digest (32), length of the whole blob (u64) |
//! | response: no such blob | `0` |
//! | response: a piece | `1`, length of the whole blob (u64), length of the piece (u32, at most 1 MiB), the piece |
//! | response: taken | `2` |
//! | response: refused | `3`, reason: `0` not wanted, `1` too long, `2` busy, `3` failed |
//!
//! A peer that sends anything else has its stream closed. A blob is fetched piece by piece, each as long as
//! can be; one is empty only at the blob's end. Everyone who knows a digest may fetch the blob: what is secret in it must be sealed.
//!
//! An offer is for workers that do not listen: a worker that wants the blob ([`BlobSink`]) fetches it from the one that
//! offers, over the same connection, before it responds. One of each peer is taken at a time, further offers are refused.
//!
//! # Limits
//!
//! Anybody may connect and request. Connections and responses are limited, and most of them are reserved for the peers that
//! [`Network::reserve_for`] names. Strangers share the rest: a new connection evicts the oldest one above the limit, of those from
//! the same IP address and then of all. A response that its peer does not read is given up.

mod admission;
mod assemble;
mod blobs;
mod codec;
mod command;
mod config;
mod error;
mod identity;
mod network;
mod offers;
mod pace;
mod service;

pub use blobs::{BlobSink, BlobSource};
pub use codec::{Refusal, MAX_CHUNK};
pub use config::Config;
pub use error::{FetchError, OfferError, StartError};
pub use identity::{peer_id_of, public_key_of};
pub use libp2p::PeerId;
pub use network::{Network, Peer};
