//! The subcommands.

use crate::{
	chain_spec,
	cli::{Cli, Subcommand},
	client::FullClient,
	service,
};
use clap::CommandFactory;
use encrytrust_runtime::opaque::Block;
use sc_cli::SubstrateCli;
use sc_service::PartialComponents;
use std::{
	io::{self, Write},
	sync::OnceLock,
};

/// The binary's name.
const NAME: &str = "encrytrust-node";

/// Transactions and kilobytes of the pool: all that the parties of confirmed jobs can owe at once fits beside other
/// transactions (`docs/adr/0030-reserved-block-space.md`).
const POOL_LIMIT: &str = "32768";
const POOL_KILOBYTES: &str = "65536";

/// The version for `--version` and for peers: [`SubstrateCli`] reads it without a value of its own.
static VERSION: OnceLock<&str> = OnceLock::new();

impl SubstrateCli for Cli {
	fn impl_name() -> String {
		"EncryTrust Node".into()
	}

	fn impl_version() -> String {
		VERSION.get().copied().unwrap_or(env!("CARGO_PKG_VERSION")).into()
	}

	fn description() -> String {
		env!("CARGO_PKG_DESCRIPTION").into()
	}

	fn author() -> String {
		"EncryTrust".into()
	}

	fn support_url() -> String {
		"docs/operators.md".into()
	}

	fn copyright_start_year() -> i32 {
		2026
	}

	/// As the SDK's, with a larger pool.
	fn setup_command(command: clap::Command) -> clap::Command {
		command
			.name(Self::executable_name())
			.version(format!("{}\n", Self::impl_version()))
			.author(Self::author())
			.about(Self::description())
			.long_about(Self::description())
			.after_help(format!("Support: {}", Self::support_url()))
			.propagate_version(true)
			.args_conflicts_with_subcommands(true)
			.subcommand_negates_reqs(true)
			.mut_arg("pool_limit", |argument| argument.default_value(POOL_LIMIT))
			.mut_arg("pool_kbytes", |argument| argument.default_value(POOL_KILOBYTES))
	}

	fn load_spec(&self, id: &str) -> Result<Box<dyn sc_service::ChainSpec>, String> {
		match id {
			"" => Err("name a chain: --dev, --chain local, or --chain with a specification's file".into()),
			chain => Ok(Box::new(chain_spec::load(chain)?)),
		}
	}
}

/// The command line as shells and `man` see it, whatever the binary's file is called.
fn described() -> clap::Command {
	Cli::setup_command(Cli::command()).name(NAME).bin_name(NAME).version(Cli::impl_version())
}

/// Runs the command line, as this version.
///
/// # Errors
///
/// Of the node, or of the arguments.
#[allow(deprecated)]
pub fn run(version: &'static str) -> sc_cli::Result<()> {
	VERSION.get_or_init(|| version);
	let cli = Cli::from_args();
	match &cli.subcommand {
		Some(Subcommand::Key(cmd)) => cmd.run(&cli),
		Some(Subcommand::BuildSpec(cmd)) => {
			let runner = cli.create_runner(cmd)?;
			runner.sync_run(|config| cmd.run(config.chain_spec, config.network))
		},
		Some(Subcommand::ExportChainSpec(cmd)) => {
			let chain_spec = if cmd.changes.is_empty() {
				cli.load_spec(&cmd.export.chain)?
			} else {
				Box::new(chain_spec::changed(&cmd.export.chain, &cmd.changes)?)
			};
			cmd.export.run(chain_spec)
		},
		Some(Subcommand::CheckBlock(cmd)) => {
			let runner = cli.create_runner(cmd)?;
			runner.async_run(|config| {
				let PartialComponents { client, task_manager, import_queue, .. } = service::new_partial(&config)?;
				Ok((cmd.run(client, import_queue), task_manager))
			})
		},
		Some(Subcommand::ExportBlocks(cmd)) => {
			let runner = cli.create_runner(cmd)?;
			runner.async_run(|config| {
				let PartialComponents { client, task_manager, .. } = service::new_partial(&config)?;
				Ok((cmd.run(client, config.database), task_manager))
			})
		},
		Some(Subcommand::ExportState(cmd)) => {
			let runner = cli.create_runner(cmd)?;
			runner.async_run(|config| {
				let PartialComponents { client, task_manager, .. } = service::new_partial(&config)?;
				Ok((cmd.run(client, config.chain_spec), task_manager))
			})
		},
		Some(Subcommand::ImportBlocks(cmd)) => {
			let runner = cli.create_runner(cmd)?;
			runner.async_run(|config| {
				let PartialComponents { client, task_manager, import_queue, .. } = service::new_partial(&config)?;
				Ok((cmd.run(client, import_queue), task_manager))
			})
		},
		Some(Subcommand::PurgeChain(cmd)) => {
			let runner = cli.create_runner(cmd)?;
			runner.sync_run(|config| cmd.run(config.database))
		},
		Some(Subcommand::Revert(cmd)) => {
			let runner = cli.create_runner(cmd)?;
			runner.async_run(|config| {
				let PartialComponents { client, task_manager, backend, .. } = service::new_partial(&config)?;
				let revert_consensus = Box::new(|client: std::sync::Arc<FullClient>, backend, blocks| {
					sc_consensus_babe::revert(client.clone(), backend, blocks)?;
					sc_consensus_grandpa::revert(client, blocks)?;
					Ok(())
				});
				Ok((cmd.run(client, backend, Some(revert_consensus)), task_manager))
			})
		},
		Some(Subcommand::ChainInfo(cmd)) => {
			let runner = cli.create_runner(cmd)?;
			runner.sync_run(|config| cmd.run::<Block>(&config))
		},
		Some(Subcommand::Completions { shell }) => {
			// Into memory first: the generator panics where it cannot write.
			let mut text = Vec::new();
			clap_complete::generate(*shell, &mut described(), NAME, &mut text);
			Ok(io::stdout().write_all(&text)?)
		},
		Some(Subcommand::ManPages { folder }) => Ok(clap_mangen::generate_to(described(), folder)?),
		#[cfg(feature = "runtime-benchmarks")]
		Some(Subcommand::Benchmark(cmd)) => {
			let runner = cli.create_runner(cmd)?;
			runner.sync_run(|config| match cmd {
				frame_benchmarking_cli::BenchmarkCmd::Pallet(cmd) => cmd
					.run_with_spec::<sp_runtime::traits::HashingFor<Block>, crate::client::HostFunctions>(Some(
						config.chain_spec,
					)),
				_ => Err("only `benchmark pallet` measures weights here".into()),
			})
		},
		None => {
			let runner = cli.create_runner(&cli.run)?;
			runner
				.run_node_until_exit(|config| async move { service::new_full(config).map_err(sc_cli::Error::Service) })
		},
	}
}
