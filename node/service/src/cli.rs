//! The command line.

use crate::chain_spec::Changes;
use sc_cli::RunCmd;
use std::path::PathBuf;

/// The arguments of `encrytrust-node`.
#[derive(Debug, clap::Parser)]
pub(crate) struct Cli {
	/// A sub-command; without one the node runs.
	#[command(subcommand)]
	pub(crate) subcommand: Option<Subcommand>,

	/// Options of the running node.
	#[clap(flatten)]
	pub(crate) run: RunCmd,
}

/// The sub-commands.
#[derive(Debug, clap::Subcommand)]
#[allow(clippy::large_enum_variant)]
pub(crate) enum Subcommand {
	/// Generate, inspect and insert keys.
	#[command(subcommand)]
	Key(sc_cli::KeySubcommand),

	/// Write a chain specification.
	#[deprecated(note = "export-chain-spec takes its place")]
	BuildSpec(sc_cli::BuildSpecCmd),

	/// Export the chain specification, or one for a chain of one's own.
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

	/// Tell the database's chain info.
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

	/// Measure the runtime's pallets.
	#[cfg(feature = "runtime-benchmarks")]
	#[command(subcommand)]
	Benchmark(frame_benchmarking_cli::BenchmarkCmd),
}

/// Writes a chain specification: a chain that the node knows, a file's, or a known one with changes.
#[derive(Debug, clap::Args)]
pub(crate) struct ExportChainSpecCmd {
	/// What is exported, and where to.
	#[command(flatten)]
	pub(crate) export: sc_cli::ExportChainSpecCmd,

	/// What differs from the chain that is named.
	#[command(flatten)]
	pub(crate) changes: Changes,
}
