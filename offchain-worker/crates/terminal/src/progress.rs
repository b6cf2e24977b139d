//! Something under way, on standard error if that is a terminal.

use encrytrust_job_client::{Progress, Step};
use indicatif::{ProgressBar, ProgressStyle};
use std::{
	io::IsTerminal,
	sync::{Mutex, PoisonError},
	time::Duration,
};

/// A line with what is under way, until it is cleared; hidden where standard error is no terminal.
pub fn spinner(what: &str) -> ProgressBar {
	if !std::io::stderr().is_terminal() {
		return ProgressBar::hidden();
	}
	let bar = ProgressBar::new_spinner().with_message(what.to_string());
	if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
		bar.set_style(style);
	}
	bar.enable_steady_tick(Duration::from_millis(120));
	bar
}

/// Shows the step that is under way.
#[derive(Debug, Default)]
pub struct Spinner(Mutex<Option<ProgressBar>>);

impl Progress for Spinner {
	fn report(&self, step: Step) {
		let text = in_words(step);
		let mut bar = self.0.lock().unwrap_or_else(PoisonError::into_inner);
		match &*bar {
			Some(bar) => bar.set_message(text),
			None => *bar = Some(spinner(&text)),
		}
	}

	fn finish(&self) {
		if let Some(bar) = self.0.lock().unwrap_or_else(PoisonError::into_inner).take() {
			bar.finish_and_clear();
		}
	}
}

fn in_words(step: Step) -> String {
	match step {
		Step::ProvingKey => "proving that the key is sound".into(),
		Step::Fetching => "fetching what was published".into(),
		Step::Checking { blobs_read: 0 } => "checking".into(),
		Step::Checking { blobs_read } => format!("checking, blob {blobs_read} is read"),
		Step::Decrypting { done: 0, .. } => "decrypting".into(),
		Step::Decrypting { done, parts } => format!("part {done} of {parts} is decrypted"),
	}
}
