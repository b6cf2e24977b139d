//! The log, on standard error.

use encrytrust_types::text::escaped;
use std::{
	fmt::{self, Debug},
	io::IsTerminal,
};
use tracing::{field::Field, Level, Metadata, Subscriber};
use tracing_subscriber::{
	field::MakeExt,
	filter::filter_fn,
	fmt::{
		format::{debug_fn, Writer},
		MakeWriter,
	},
	layer::SubscriberExt,
	util::SubscriberInitExt,
	EnvFilter, Layer,
};

/// Logs to standard error by `RUST_LOG`, or else by `default`, a filter of the same form. Events of the targets `always`
/// are logged in any case, from level info on.
pub fn log_to_stderr(default: &str, always: &[&str]) {
	let filter = filter(EnvFilter::try_from_default_env().ok(), default, always);
	// Fails only if a subscriber is there already: then that one is used.
	let _ = subscriber(filter, std::io::stderr().is_terminal(), std::io::stderr).try_init();
}

fn filter(wanted: Option<EnvFilter>, default: &str, always: &[&str]) -> EnvFilter {
	const QUIET: &str = "subxt=error,subxt_rpcs=error,jsonrpsee=error,libp2p=error,libp2p_swarm=error";
	let filter = wanted.unwrap_or_else(|| EnvFilter::new(format!("{default},{QUIET}")));
	let directives = always.iter().filter_map(|target| format!("{target}=info").parse().ok());
	directives.fold(filter, EnvFilter::add_directive)
}

fn subscriber<W>(filter: EnvFilter, is_terminal: bool, writer: W) -> impl Subscriber + Send + Sync
where
	W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
	// An error of the log itself would be printed to where it could not be written, which panics.
	let lines = tracing_subscriber::fmt::layer().with_target(false).log_internal_errors(false);
	let lines = lines.with_ansi(is_terminal).fmt_fields(debug_fn(write_field).delimited(" ")).with_writer(writer);
	tracing_subscriber::registry().with(filter_fn(is_harmless)).with(lines.with_filter(filter))
}

/// An event is one line, whatever others wrote that is in it.
fn write_field(line: &mut Writer<'_>, field: &Field, value: &dyn Debug) -> fmt::Result {
	let value = escaped(&format!("{value:?}"));
	match field.name() {
		"message" => write!(line, "{value}"),
		// Where an event of the crate `log` comes from.
		name if name.starts_with("log.") => Ok(()),
		name => write!(line, "{name}={value}"),
	}
}

/// Some libraries tell below warnings what they send and where to: queries and URLs, and so what is secret in them.
fn is_harmless(event: &Metadata<'_>) -> bool {
	const TALKATIVE: [&str; 7] =
		["tokio_postgres", "postgres_protocol", "subxt", "jsonrpsee", "soketto", "hyper", "rustls"];
	*event.level() <= Level::WARN || !TALKATIVE.iter().any(|library| event.target().starts_with(library))
}

#[cfg(test)]
mod tests {
	use super::*;
	use std::{
		io::Write,
		sync::{Arc, Mutex},
	};

	/// What is logged.
	#[derive(Clone, Default)]
	struct Log(Arc<Mutex<Vec<u8>>>);

	impl Write for Log {
		fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
			self.0.lock().unwrap().extend_from_slice(bytes);
			Ok(bytes.len())
		}

		fn flush(&mut self) -> std::io::Result<()> {
			Ok(())
		}
	}

	#[test]
	fn libraries_that_tell_what_they_send_are_not_logged_whatever_is_asked_for() {
		for filter in ["trace", "tokio_postgres=trace", "tokio_postgres::prepare=debug,jsonrpsee-client=trace"] {
			let log = Log::default();
			let writer = log.clone();
			let subscriber =
				subscriber(EnvFilter::new(format!("{filter},encrytrust=debug")), false, move || writer.clone());
			tracing::subscriber::with_default(subscriber, || {
				tracing::debug!(target: "tokio_postgres::prepare", "preparing query: SELECT hush");
				tracing::info!(target: "tokio_postgres::connection", "NOTICE: hush");
				tracing::debug!(target: "jsonrpsee-client", "Connecting to target: hush");
				tracing::debug!(target: "subxt_rpcs", "Connection to ws://u:hush@node was closed");
				tracing::warn!(target: "jsonrpsee-client", "a warning");
				tracing::debug!("one of ours");
			});
			let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
			assert!(log.contains("one of ours") && !log.contains("hush"), "{filter}: {log}");
			assert_eq!(log.contains("a warning"), filter != "tokio_postgres=trace", "{filter}: {log}");
		}
	}

	#[test]
	fn an_event_is_one_line_whatever_is_in_it() {
		let log = Log::default();
		let writer = log.clone();
		tracing::subscriber::with_default(subscriber(EnvFilter::new("info"), false, move || writer.clone()), || {
			let name = "Doses\n\u{1b}[1A\u{202e}";
			tracing::info!(job = 7, title = name, "the column {name} is missing");
		});
		let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
		let text = "the column Doses\\u{a}\\u{1b}[1A\\u{202e} is missing job=7 title=\"Doses\\n\\u{1b}[1A\\u{202e}\"\n";
		assert!(log.ends_with(text) && log.lines().count() == 1, "{log:?}");
	}

	#[test]
	fn what_is_always_logged_is_logged_whatever_is_asked_for() {
		const INCLUDED: &str = "encrytrust::included";
		for wanted in [None, Some("error"), Some("off"), Some("encrytrust=error")] {
			for always in [&[][..], &[INCLUDED]] {
				let log = Log::default();
				let writer = log.clone();
				let filter = filter(wanted.map(EnvFilter::new), "warn", always);
				tracing::subscriber::with_default(subscriber(filter, false, move || writer.clone()), || {
					tracing::info!(target: INCLUDED, "DatasetRegistered dataset_id=3");
					tracing::info!("something else");
				});
				let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
				assert_eq!(log.contains("dataset_id=3"), !always.is_empty(), "{wanted:?}: {log}");
				assert!(!log.contains("something else"), "{wanted:?}: {log}");
			}
		}
	}
}
