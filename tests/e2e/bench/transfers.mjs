// Sends transfers to a development chain, each to an account that does not exist yet.
//
// usage: transfers.mjs URL COUNT
//
// Prints the number of the block that has the last of them.

import { ApiPromise, Keyring, WsProvider } from "@polkadot/api";

const TOGETHER = 200;
// A node's pool takes 8192.
const MOST_PENDING = 4000;
const ETS = 10n ** 12n;

const [url, count] = [process.argv[2], Number(process.argv[3])];
const api = await ApiPromise.create({ provider: new WsProvider(url), noInitWarn: true, throwOnConnect: true });
const sender = new Keyring({ type: "sr25519" }).addFromUri("//Alice");

/** The account of that number: nobody has its key. */
function receiver(number) {
  const bytes = new Uint8Array(32).fill(255);
  new DataView(bytes.buffer).setUint32(0, number);
  return bytes;
}

const nonceOf = async () => (await api.query.system.account(sender.address)).nonce.toNumber();
const first = await nonceOf();

/** Waits until the best block has all but some of the transfers before this one. */
async function included(number, pending) {
  while ((await nonceOf()) < first + number - pending) await new Promise((resolve) => setTimeout(resolve, 200));
}

for (let sent = 0; sent < count; sent += TOGETHER) {
  await included(sent, MOST_PENDING);
  const numbers = Array.from({ length: Math.min(TOGETHER, count - sent) }, (_, index) => sent + index);
  await Promise.all(
    numbers.map(async (number) => {
      const transfer = api.tx.balances.transferKeepAlive(receiver(number), ETS);
      const signed = await transfer.signAsync(sender, { nonce: first + number, era: 0 });
      await api.rpc.author.submitExtrinsic(signed);
    }),
  );
}
await included(count, 0);
console.log((await api.rpc.chain.getHeader()).number.toNumber());
await api.disconnect();
