//! The EncryTrust node: its command line, the services that it starts, the chains that it knows, and its RPC.
//!
//! A crate of its own, since it takes minutes to compile: only the binary around it depends on the commit, and is
//! compiled again with each.

mod chain_spec;
mod cli;
mod client;
mod command;
mod equivocation;
mod finality;
mod rpc;
mod service;

pub use command::run;
