//! The EncryTrust node: its command line, the services that it starts, the chains that it knows, and its RPC.
//!
//! A crate of its own, since it takes minutes to compile: what depends on the commit, and is compiled anew with each, is
//! the binary around it.

mod chain_spec;
mod cli;
mod command;
mod equivocation;
mod rpc;
mod service;

pub use command::run;
