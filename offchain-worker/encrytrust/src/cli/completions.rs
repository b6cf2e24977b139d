//! What shells and `man` read about the command line, made from its own description.

use anyhow::{Context, Result};
use clap::{Args, Command};
use clap_complete::Shell;
use encrytrust_terminal::output::{self, OutputError};
use std::{io::Write, path::PathBuf};

#[derive(Debug, Args)]
pub(super) struct Completions {
	/// The shell.
	shell: Shell,
}

#[derive(Debug, Args)]
pub(super) struct ManPages {
	/// The folder to write them to, which must exist.
	folder: PathBuf,
}

impl Completions {
	pub(super) fn write(&self, mut command: Command) -> Result<()> {
		// Into memory first: the generator panics where it cannot write.
		let name = command.get_name().to_owned();
		let mut text = Vec::new();
		clap_complete::generate(self.shell, &mut command, name, &mut text);
		let mut stdout = output::stdout();
		stdout.write_all(&text).and_then(|()| stdout.flush()).map_err(OutputError::from)?;
		Ok(())
	}
}

impl ManPages {
	pub(super) fn write(&self, command: Command) -> Result<()> {
		clap_mangen::generate_to(command, &self.folder)
			.with_context(|| format!("cannot write manual pages to {}", self.folder.display()))
	}
}
