//! Secrets that a database may repeat in its messages, and that no error repeats.

use crate::{ConnectionUrl, Relation};
use tokio_postgres::Config;
use zeroize::Zeroizing;

/// A part of a secret that is this long is hidden wherever it appears, in characters.
pub(crate) const MIN_HIDDEN: usize = 4;

/// The passwords of a connection and in its query.
pub(crate) struct Secrets(Vec<Zeroizing<Vec<char>>>);

impl Secrets {
	/// Those of a source.
	pub(crate) fn of(url: &ConnectionUrl, relation: &Relation) -> Self {
		let config = url.config().ok();
		let password = config.as_ref().and_then(Config::get_password).map(String::from_utf8_lossy);
		let query = match relation {
			Relation::Query(query) => passwords_in(query),
			Relation::Table(_) => vec![],
		};
		// As it is written, too: with its escapes.
		let written = passwords_in(url.secret_text());
		let secrets = password.as_deref().into_iter().chain(written).chain(query);
		Self(secrets.map(|secret| Zeroizing::new(secret.chars().collect())).collect())
	}

	/// The text without any part of a secret.
	pub(crate) fn hide(&self, text: &str) -> String {
		let chars: Vec<char> = text.chars().collect();
		let mut hidden = vec![false; chars.len()];
		for part in self.0.iter().flat_map(|secret| secret.windows(MIN_HIDDEN)) {
			for at in 0..chars.len().saturating_sub(MIN_HIDDEN - 1) {
				if chars[at..].starts_with(part) {
					hidden[at..at + MIN_HIDDEN].fill(true);
				}
			}
		}
		let shown = |index: usize| match hidden[index] {
			false => Some(chars[index]),
			true => (index == 0 || !hidden[index - 1]).then_some('…'),
		};
		(0..chars.len()).filter_map(shown).collect()
	}
}

/// The passwords in a text with connection strings: after `password=`, and between `:` and `@` of a URL.
fn passwords_in(text: &str) -> Vec<&str> {
	const KEY: &str = "password";
	let lower = text.to_ascii_lowercase();
	let keys = lower.match_indices(KEY).filter_map(|(at, _)| {
		let value = text[at + KEY.len()..].trim_start().strip_prefix(['=', ':'])?.trim_start();
		let value = value.trim_start_matches(['\'', '"', '\\']);
		value.split(|char: char| char.is_whitespace() || "'\"&".contains(char)).next()
	});
	let urls = text.match_indices("://").filter_map(|(at, scheme)| {
		let (credentials, _) = text[at + scheme.len()..].split_once('@')?;
		Some(credentials.split_once(':')?.1)
	});
	keys.chain(urls).collect()
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn hide_replaces_parts_of_secrets_in_a_servers_message() {
		let url: ConnectionUrl = "postgres://u:hush%40zqxv@db/d".parse().unwrap();
		let query = "SELECT * FROM dblink('host=x user=u Password=letmein42 dbname=y', 'postgres://a:swordfish@h')";
		let secrets = Secrets::of(&url, &Relation::Query(query.into()));
		for (text, shown) in [
			("syntax error at or near \"hush\"", "syntax error at or near \"…\""),
			("no \"hush@zqxv\", no hush%40zqxv", "no \"…\", no …"),
			("zqxv", "…"),
			("could not connect: letmein42 and swordfis", "could not connect: … and …"),
			("dbname=y user=u host", "dbname=y user=u host"),
			("hus zqx", "hus zqx"),
			("", ""),
		] {
			assert_eq!(secrets.hide(text), shown);
		}
	}
}
