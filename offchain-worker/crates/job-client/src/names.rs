//! What roles and parties are called.

use encrytrust_chain_client::{AccountId, JobInfo};
use encrytrust_types::{job::Role, text::escaped};
use std::collections::BTreeMap;

/// A role's name for people.
pub fn role_name(role: Role) -> &'static str {
	match role {
		Role::DataProvider => "data provider",
		Role::ComputingProvider => "computing provider",
		Role::Coordinator => "coordinator",
	}
}

/// `data provider 1` and so on, by account.
pub fn party_names(info: &JobInfo) -> BTreeMap<AccountId, String> {
	let mut counts = BTreeMap::new();
	let mut names: BTreeMap<AccountId, String> = BTreeMap::new();
	for (role, party) in info.contract.parties() {
		let count = counts.entry(role).or_insert(0);
		*count += 1;
		let name = match role {
			Role::Coordinator => role_name(role).to_string(),
			_ => format!("{} {count}", role_name(role)),
		};
		names.insert(party.who.clone(), name);
	}
	names.insert(info.contract.user.clone(), "user".into());
	names
}

/// Text out of bounded bytes, exactly: for JSON, and to compare.
pub fn text(bytes: &[u8]) -> String {
	String::from_utf8_lossy(bytes).into_owned()
}

/// The same in a sentence for people: nothing in it controls a terminal.
pub fn shown(bytes: &[u8]) -> String {
	escaped(&String::from_utf8_lossy(bytes))
}
