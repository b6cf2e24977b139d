//! Content-addressed blobs in a folder: CIDv1, sha2-256, raw leaves.
//!
//! A blob is known by the sha2-256 of its bytes; [`cid`] writes it as other IPFS software does. The store never hands
//! out bytes that are not their name: a file that was changed on disk is moved aside and reported.
//!
//! ```text
//! <folder>/blobs/<shard>/<cid>   complete blobs; the shard is the CID's next-to-last two characters
//! <folder>/partial/              being written; what a crash leaves here is removed by the next `open`
//! <folder>/damaged/              set aside: bytes that were not their CID
//! <folder>/lock                  held shared by every open store
//! ```
//!
//! ```
//! # let folder = tempfile::tempdir()?;
//! let store = encrytrust_blob_store::BlobStore::open(folder.path())?;
//! let digest = store.put(b"hello world")?;
//! let name = encrytrust_blob_store::cid(&digest).to_string();
//! assert_eq!(name, "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e");
//! assert_eq!(store.get(&digest)?.as_deref(), Some(&b"hello world"[..]));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod name;
mod store;

pub use ::cid::Cid;
pub use name::{cid, digest, parse_cid, Digest, InvalidCid};
pub use store::{BlobStore, Error, Stats, Writer};
