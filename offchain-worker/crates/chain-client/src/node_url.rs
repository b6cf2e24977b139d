//! A node's URL, which may contain a password or an access key: never shown as a whole.

use std::{convert::Infallible, fmt, str::FromStr};

/// A node's URL. Debug and Display show scheme, host and port, and nothing where these are ambiguous.
#[derive(Clone, PartialEq, Eq)]
pub struct NodeUrl(String);

impl NodeUrl {
	/// The whole text: only for connecting.
	pub fn as_str(&self) -> &str {
		&self.0
	}
}

impl From<&str> for NodeUrl {
	fn from(text: &str) -> Self {
		Self(text.into())
	}
}

/// Accepts any text: connecting checks that it is a URL, with an error that does not repeat it.
impl FromStr for NodeUrl {
	type Err = Infallible;

	fn from_str(text: &str) -> Result<Self, Infallible> {
		Ok(text.into())
	}
}

impl fmt::Display for NodeUrl {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match shown(&self.0) {
			Some((scheme, host)) => write!(f, "{scheme}://{host}"),
			None => f.write_str("…"),
		}
	}
}

impl fmt::Debug for NodeUrl {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(f, "NodeUrl({self})")
	}
}

/// Scheme, and host with port: what is neither credentials, nor path, nor query.
fn shown(url: &str) -> Option<(&str, &str)> {
	let (scheme, rest) = url.split_once("://")?;
	let (authority, further) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
	let host = authority.rsplit('@').next()?;
	let (name, port) = match host.rsplit_once(':') {
		Some((name, port)) if !host.ends_with(']') => (name, port),
		_ => (host, ""),
	};
	let is_name = |char: char| char.is_ascii_alphanumeric() || ".-_:[]".contains(char);
	let is_clear = ["ws", "wss"].contains(&scheme)
		// A bare / in a password would end the authority too early.
		&& !further.contains('@')
		&& name.chars().all(is_name)
		&& port.chars().all(|char| char.is_ascii_digit());
	is_clear.then_some((scheme, host))
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn display_and_debug_show_no_secret() {
		for (url, expected) in [
			("ws://127.0.0.1:9944", "ws://127.0.0.1:9944"),
			("wss://[::1]:9944", "wss://[::1]:9944"),
			("ws://[::1]", "ws://[::1]"),
			("ws://node/", "ws://node"),
			("wss://u:hush@node:9944", "wss://node:9944"),
			("wss://hush@node:9944", "wss://node:9944"),
			("wss://u:hu@sh@node:9944", "wss://node:9944"),
			("wss://node/hush", "wss://node"),
			("wss://node?key=hush", "wss://node"),
			("wss://node#hush", "wss://node"),
			("wss://node/?key=u@hush", "…"),
			("wss://u:hu/sh@node", "…"),
			("wss://u:hu?sh@node", "…"),
			("wss://u:hush", "…"),
			("wss://u:hu sh", "…"),
			("http://u:hush@node", "…"),
			("u:hush@node:9944", "…"),
			("hush", "…"),
			("", "…"),
		] {
			let parsed: NodeUrl = url.into();
			assert_eq!(parsed.to_string(), expected, "{url}");
			assert_eq!(format!("{parsed:?}"), format!("NodeUrl({expected})"), "{url}");
			assert_eq!(parsed.as_str(), url);
		}
	}
}
