//! The state at a block: runtime APIs, storage, and what follows from them.

use crate::{connection::retrying, AccountBalance, AccountId, Client, Error, StorageKey, H256};
use codec::{Decode, Encode};

impl Client {
	/// Calls a runtime API and decodes all of its answer.
	pub(crate) async fn state_call<R: Decode>(&self, method: &str, arguments: &[u8], at: H256) -> Result<R, Error> {
		let answer = retrying(|| async {
			let answer = self.rpc().state_call(method, Some(arguments), Some(at)).await;
			answer.map_err(|error| Error::from_rpc(method, error))
		})
		.await?;
		let input = &mut &*answer;
		let value = R::decode(input).map_err(|error| Error::decode(method, error))?;
		input.is_empty().then_some(value).ok_or_else(|| Error::decode(method, "bytes are left over"))
	}

	/// The value of a storage item at a block; `None` if it is not set.
	pub async fn storage<V: Decode>(&self, key: &StorageKey<V>, at: H256) -> Result<Option<V>, Error> {
		let address = key.address();
		let value = retrying(|| async {
			let value = self.online().storage().at(at).fetch(&address).await;
			value.map_err(|error| Error::from_subxt(&key.to_string(), error))
		})
		.await?;
		let decode = |bytes: &[u8]| V::decode(&mut &*bytes).map_err(|error| Error::decode(&key.to_string(), error));
		value.map(|value| decode(value.encoded())).transpose()
	}

	/// The number of extrinsics that `account` has signed, in the chain up to a block.
	pub async fn nonce(&self, account: &AccountId, at: H256) -> Result<u64, Error> {
		let nonce: u32 = self.state_call("AccountNonceApi_account_nonce", &account.encode(), at).await?;
		Ok(nonce.into())
	}

	/// The version of the runtime that executes the blocks after a block.
	pub async fn spec_version(&self, at: H256) -> Result<u32, Error> {
		let version = retrying(|| async {
			let version = self.rpc().state_get_runtime_version(Some(at)).await;
			version.map_err(|error| Error::from_rpc("the runtime's version", error))
		});
		Ok(version.await?.spec_version)
	}

	/// The balance of `account` at a block.
	pub async fn balance(&self, account: &AccountId, at: H256) -> Result<AccountBalance, Error> {
		let info = self.storage(&StorageKey::account(account), at).await?;
		Ok(info.map(|info| info.balance).unwrap_or_default())
	}

	/// When a block was made, in milliseconds since 1970.
	pub async fn timestamp(&self, at: H256) -> Result<u64, Error> {
		Ok(self.storage(&StorageKey::timestamp(), at).await?.unwrap_or_default())
	}
}
