//! The `encrytrust` command line.

use clap::Parser;
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
	encrytrust::cli::run(encrytrust::cli::Arguments::parse()).await
}
