//! Which runtimes this crate can talk to: those whose metadata is the same in all parts that are used here.

use crate::Error;
use codec::Decode;
use subxt::Metadata;

/// The pallets and runtime APIs that must be those that this crate was compiled for.
const PALLETS: [&str; 3] = ["Bmpc", "IdentityKeys", "Bonds"];
const RUNTIME_APIS: [&str; 3] = ["BmpcApi", "IdentityApi", "BondsApi"];

/// The metadata of the runtime that this crate was made for; written by `scripts/metadata`.
pub(crate) const METADATA: &[u8] = include_bytes!("../metadata.scale");

/// Rejects metadata that differs from this crate's in a part that is used here.
pub(crate) fn check(found: &Metadata) -> Result<(), Error> {
	let expected = expected()?;
	let pallet = |metadata: &Metadata, name: &str| metadata.pallet_by_name(name).map(|pallet| pallet.hash());
	let api = |metadata: &Metadata, name: &str| metadata.runtime_api_trait_by_name(name).map(|api| api.hash());
	for name in PALLETS {
		if pallet(found, name).is_none() || pallet(found, name) != pallet(&expected, name) {
			return Err(Error::Metadata { part: format!("pallet {name}") });
		}
	}
	for name in RUNTIME_APIS {
		if api(found, name).is_none() || api(found, name) != api(&expected, name) {
			return Err(Error::Metadata { part: format!("runtime API {name}") });
		}
	}
	Ok(())
}

/// The metadata that this crate was made for.
pub(crate) fn expected() -> Result<Metadata, Error> {
	Metadata::decode(&mut &*METADATA).map_err(|error| Error::decode("the metadata file", error))
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn check_accepts_own_metadata() {
		check(&expected().unwrap()).unwrap();
	}
}
