// A fifth validator comes in, and one that signs two blocks for one slot goes out.

import { u8aToHex } from "@polkadot/util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { account, ETS, type Event, sendFinalized } from "../../support/chain.js";
import { FinalBlocks, offences, totalIssuance, until, validators } from "../src/chain.js";
import { BOND, Network, stash } from "../src/network.js";

/** Of a lone equivocation among five: three fifths, squared (the SDK's offences of BABE and GRANDPA). */
const SLASHED_PERCENT = 36;

const ISSUANCE = 2_000_000_000n * ETS;

const eve = account("//Eve//stash");
const dave = stash("dave");

// Eras of forty slots: the lottery leaves a validator without a block, and so without its candidacy, once in thousands.
const network = new Network(4);

beforeAll(() => network.start());
afterAll(() => network.stop());

test("a fifth account bonds, sets its node's keys, declares, and makes blocks after an election", async () => {
  const { api } = network.member("alice");
  const node = await network.join("eve");
  const funds = BigInt(BOND + 1_000) * ETS;
  await sendFinalized(api, api.tx.balances!.transferKeepAlive!(eve.address, funds), stash("alice"));

  await sendFinalized(api, api.tx.bonds!.bond!("Validator", BigInt(BOND) * ETS), eve);
  await expect(sendFinalized(api, api.tx.bonds!.declare!(), eve)).rejects.toThrow("bonds.NoSessionKeys");
  const { keys, proof } = await node.rpc<SessionKeys>("author_rotateKeysWithOwner", u8aToHex(eve.addressRaw));
  await expect(sendFinalized(api, api.tx.session!.setKeys!(keys, "0x"), eve)).rejects.toThrow("session.InvalidProof");
  const stolen = api.tx.session!.setKeys!(keys, proof);
  await expect(sendFinalized(api, stolen, stash("bob"))).rejects.toThrow("session.InvalidProof");
  await sendFinalized(api, api.tx.session!.setKeys!(keys, proof), eve);
  await sendFinalized(api, api.tx.bonds!.declare!(), eve);

  await until("the fifth is elected", async () => (await validators(api)).includes(eve.address));
  const blocks = await FinalBlocks.fromNow(api);
  await until("a final block of the fifth", async () => (await blocks.authors()).includes(eve.address));
});

test("validators are paid for their blocks, and no money is made for it", async () => {
  const { api } = network.member("alice");
  const blocks = await FinalBlocks.fromNow(api);
  const paid = new Set<unknown>();
  await until("the five are paid", async () => {
    for (const { data } of await named(blocks, "bonds.Rewarded")) paid.add(data.validator);
    return paid.size === 5;
  });
  expect(await totalIssuance(api)).toBe(ISSUANCE);
});

test("a validator with two nodes of the same keys is reported, slashed, disabled and not elected again", async () => {
  const { api } = network.member("alice");
  expect(await offences(api)).toBe(0);
  const blocks = await FinalBlocks.fromNow(api);
  await network.join("dave's double", "dave");

  const events: Event[] = [];
  const [slashed] = await until("the offender is slashed", async () => {
    events.push(...(await blocks.events()));
    const slashes = events.filter(({ name }) => name === "bonds.Slashed");
    return slashes.length > 0 && slashes;
  });
  const amount = Number((BigInt(BOND) * ETS * BigInt(SLASHED_PERCENT)) / 100n);
  expect(slashed!.data).toEqual({ offender: dave.address, kind: "Validator", amount });
  expect(events.map(({ name }) => name)).toContain("offences.Offence");
  expect(events.find(({ name }) => name === "session.ValidatorDisabled")!.data).toEqual({ validator: dave.address });
  expect(await offences(api)).toBeGreaterThan(0);

  await until("the offender is out", async () => !(await validators(api)).includes(dave.address));
  const others = [...["alice", "bob", "charlie"].map((name) => stash(name).address), eve.address];
  expect((await validators(api)).sort()).toEqual([...others].sort());
  const authors: string[] = [];
  const later = await FinalBlocks.fromNow(api);
  await until("the four others make final blocks", async () => {
    authors.push(...(await later.authors()));
    return others.every((other) => authors.includes(other));
  });
  expect(authors).not.toContain(dave.address);
  expect(await totalIssuance(api)).toBe(ISSUANCE);
});

/** What `author_rotateKeysWithOwner` answers: public keys, and the proof that the owner's node holds the secret ones. */
interface SessionKeys {
  keys: string;
  proof: string;
}

const named = async (blocks: FinalBlocks, name: string): Promise<Event[]> =>
  (await blocks.events()).filter((event) => event.name === name);
