//! The command line.

use crate::chain_spec::Changes;
use sc_cli::RunCmd;
use std::path::PathBuf;

/// The arguments of `encrytrust-node`.
#[derive(Debug, clap::Parser)]
pub(crate) struct Cli {
	/// A subcommand; without one the node runs.
	#[command(subcommand)]
	pub(crate) subcommand: Option<Subcommand>,

	/// Options of the running node.
	#[clap(flatten)]
	pub(crate) run: RunCmd,
}

/// The subcommands.
#[derive(Debug, clap::Subcommand)]
#[allow(clippy::large_enum_variant)]
pub(crate) enum Subcommand {
	/// Generate, inspect and insert keys.
	#[command(subcommand)]
	Key(sc_cli::KeySubcommand),

	/// Write a chain specification.
	#[deprecated(note = "export-chain-spec takes its place")]
	BuildSpec(sc_cli::BuildSpecCmd),

	/// Export the chain specification, or one for a chain of your own.
	ExportChainSpec(ExportChainSpecCmd),

	/// Validate blocks.
	CheckBlock(sc_cli::CheckBlockCmd),

	/// Export blocks.
	ExportBlocks(sc_cli::ExportBlocksCmd),

	/// Export the state of a block into a chain specification.
	ExportState(sc_cli::ExportStateCmd),

	/// Import blocks.
	ImportBlocks(sc_cli::ImportBlocksCmd),

	/// Remove the whole chain.
	PurgeChain(sc_cli::PurgeChainCmd),

	/// Revert the chain to a previous state.
	Revert(sc_cli::RevertCmd),

	/// Show information about the chain in the database.
	ChainInfo(sc_cli::ChainInfoCmd),

	/// Write completions for a shell to standard output.
	Completions {
		/// The shell.
		shell: clap_complete::Shell,
	},

	/// Write the manual pages of all sub-commands.
	#[command(hide = true)]
	ManPages {
		/// The folder to write them to, which must exist.
		folder: PathBuf,
	},

	/// Benchmark the pallets.
	#[cfg(feature = "runtime-benchmarks")]
	#[command(subcommand)]
	Benchmark(frame_benchmarking_cli::BenchmarkCmd),
}

/// Writes a chain specification: of a known chain, of a file, or of a known chain with changes.
#[derive(Debug, clap::Args)]
pub(crate) struct ExportChainSpecCmd {
	/// The specification, and the output.
	#[command(flatten)]
	pub(crate) export: sc_cli::ExportChainSpecCmd,

	/// Changes of the named chain.
	#[command(flatten)]
	pub(crate) changes: Changes,
}
