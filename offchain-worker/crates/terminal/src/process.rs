//! How a program begins and ends.

use crate::output::remark;
use std::{
	future::Future,
	io,
	process::{self, ExitCode},
	time::Duration,
};
use tokio::{
	runtime::Builder,
	signal::unix::{signal, SignalKind},
	sync::oneshot,
};

/// How long threads that compute or read are waited for at exit. They may be killed at any point; a query or a file could
/// block them for ever.
const GRACE: Duration = Duration::from_secs(2);

/// Runs a program on threads for it; its status.
pub fn run(program: impl Future<Output = ExitCode>) -> ExitCode {
	let runtime = match Builder::new_multi_thread().enable_all().build() {
		Ok(runtime) => runtime,
		Err(error) => {
			remark(format_args!("error: cannot start threads: {error}"));
			return ExitCode::FAILURE;
		},
	};
	let status = runtime.block_on(program);
	runtime.shutdown_timeout(GRACE);
	status
}

/// Waits for SIGTERM or Ctrl-C, which are listened for at once. A second one ends the process, whatever keeps it.
///
/// # Errors
///
/// If the signals cannot be listened for.
pub fn asked_to_end() -> io::Result<impl Future<Output = ()>> {
	let mut terminate = signal(SignalKind::terminate())?;
	let mut interrupt = signal(SignalKind::interrupt())?;
	let mut either = async move || {
		tokio::select! {
			_ = terminate.recv() => {},
			_ = interrupt.recv() => {},
		}
	};
	let (sender, receiver) = oneshot::channel();
	tokio::spawn(async move {
		either().await;
		// Nobody waits if the worker has ended meanwhile.
		let _ = sender.send(());
		either().await;
		process::exit(1);
	});
	Ok(async move {
		let _ = receiver.await;
	})
}
