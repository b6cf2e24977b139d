//! The `encrytrust` command line.

#![deny(clippy::print_stdout, clippy::print_stderr)]

use encrytrust::cli::{self, Arguments};
use encrytrust::output::remark;
use std::{process::ExitCode, time::Duration};

/// How long threads that compute or read are waited for in the end. They may be killed at any point: a query or a file may
/// keep them for ever.
const GRACE: Duration = Duration::from_secs(2);

fn main() -> ExitCode {
	let arguments = match Arguments::read() {
		Ok(arguments) => arguments,
		Err(status) => return status,
	};
	let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
		Ok(runtime) => runtime,
		Err(error) => {
			remark(format_args!("error: cannot start threads: {error}"));
			return ExitCode::FAILURE;
		},
	};
	let status = runtime.block_on(cli::run(arguments));
	runtime.shutdown_timeout(GRACE);
	status
}
