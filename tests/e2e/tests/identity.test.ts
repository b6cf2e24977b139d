// A person's identity key: asked for and issued, a role under it, revoked and rotated by proofs that `encrytrust` makes.

import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ApiPromise } from "@polkadot/api";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { u8aToHex } from "@polkadot/util";
import { account, ETS, possession, possessionMessage, rpc, send } from "../../support/chain.js";
import { confirmation, jobOf } from "../../support/job.js";
import { eventData, total } from "../src/chain.js";
import { encrytrust } from "../src/cli.js";
import { schedule, terms } from "../src/job.js";
import { DevNode } from "../src/node.js";

type Key = { status: string; owner: string; depositor: string; deposit: string; history: { change: string; by: string }[] };
type Standing = { newest: number | null; requested: number | null; active: boolean; canParticipate: boolean };
type Asked = { key: number; terms: { public_key: string } };

const ANSWER = "  The FLUFFY cat\n";
const bytes = (length: number) => `0x${randomBytes(length).toString("hex")}`;
const endpoint = () => ({ sealing: bytes(32), peer: bytes(32), address: "/ip4/127.0.0.1/tcp/4001" });

/** The account whose key it is, another that submits proofs, and the authentication node of the development chain. */
const [owner, helper, authentication] = [account("//Bob"), account("//Charlie"), account("//Ferdie")];

describe("identity keys", () => {
  let node: DevNode;
  let api: ApiPromise;
  let folder: string;
  let id: number;
  const file = (name: string) => join(folder, name);
  const identity = <T>(...args: string[]) => encrytrust<T>("identity", ...args, "--url", node.url);
  const standing = (address: string) => rpc<Standing>(api, "identity_standing", address);
  const key = (id: number) => rpc<Key>(api, "identity_key", id);
  const knowing = (code = "code") => ["--answer-file", file("answer"), "--code-file", file(code)];

  beforeAll(async () => {
    node = await DevNode.start();
    api = await node.connect();
    folder = await mkdtemp(join(tmpdir(), "encrytrust-identity-"));
    await writeFile(file("answer"), ANSWER);
    await writeFile(file("wrong"), "The scaly fish\n");
  });
  afterAll(async () => {
    await api?.disconnect();
    await node?.stop();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  /** `encrytrust identity request` by the owner, and `issue` by the authentication node; the key's id. */
  async function issue(code: string): Promise<number> {
    const seed = bytes(32);
    await writeFile(file(`${code}.key`), `${seed}\n`);
    const publicKey = u8aToHex(account(seed, "ed25519").publicKey);
    const asked = await identity<Asked>(
      ...["request", "--public-key", `ed25519:${publicKey}`, "--key-file", file(`${code}.key`)],
      ...["--node", authentication.address],
      ...["--answer-file", file("answer"), "--new-code-file", file(code), "--memory", "16", "--passes", "1"],
      ...["--suri", "//Bob"],
    );
    expect((await standing(owner.address)).requested).toBe(asked.key);
    await identity("issue", String(asked.key), "--suri", "//Ferdie");
    return asked.key;
  }

  it("are asked for with a deposit and issued by the authentication node alone", async () => {
    id = await issue("code");
    expect((await readFile(file("code"), "utf8")).trim().split(" ")).toHaveLength(12);
    const issued = await key(id);
    expect(issued).toMatchObject({ status: "active", owner: owner.address });
    expect(BigInt(issued.deposit)).toBeGreaterThan(0n);
    expect(issued.history.map(({ change }) => change)).toEqual(["requested", "issued"]);
    await expect(identity("issue", String(id), "--suri", "//Ferdie")).rejects.toThrow("UnknownRequest");
  });

  it("let their owner take roles and be put into jobs", async () => {
    await register(api);
    expect((await standing(owner.address)).canParticipate).toBe(true);
  });

  it("are not revoked by a wrong answer, which costs no fee", async () => {
    const before = await total(api, helper.address);
    const wrong = ["--answer-file", file("wrong"), "--code-file", file("code")];
    await expect(identity("revoke", String(id), ...wrong, "--suri", "//Charlie")).rejects.toThrow(
      "wrong answer or recovery code",
    );
    expect(await total(api, helper.address)).toBe(before);
    expect((await key(id)).status).toBe("active");
  });

  it("are not revoked by garbage, which costs its fee and changes nothing", async () => {
    const before = await total(api, helper.address);
    const revoke = (proof: string) => send(api, api.tx.identityKeys!.revokeKey!(id, proof), helper);
    await expect(revoke(bytes(10_000))).rejects.toThrow("identityKeys.ProofLength");
    await expect(revoke(`0x${"ff".repeat(256)}`)).rejects.toThrow("identityKeys.CoordinateNotCanonical");
    await expect(revoke(`0x${"00".repeat(256)}`)).rejects.toThrow("identityKeys.IdentityPoint");
    expect(await total(api, helper.address)).toBeLessThan(before);
    expect((await key(id)).status).toBe("active");
  });

  it("are revoked from another account, and then start nothing, while what is under way goes on", async () => {
    const confirmed = await request(api);
    for (const party of parties) await confirm(api, confirmed, party);
    const open = await request(api);

    const { deposit } = await key(id);
    await identity("revoke", String(id), ...knowing(), "--suri", "//Charlie");
    expect(await key(id)).toMatchObject({ status: "revoked", depositor: owner.address, deposit });
    expect((await key(id)).history.at(-1)).toMatchObject({ change: "revoked", by: helper.address });
    expect(await standing(owner.address)).toMatchObject({ active: false, canParticipate: false });

    await expect(request(api)).rejects.toThrow("bmpc.InactiveIdentity");
    // Identities are judged at the last confirmation.
    for (const party of parties) await confirm(api, open, party);
    expect((await jobOf(api, open)).status.is).toBe("lapsed");
    expect((await jobOf(api, confirmed)).status.stage).toBe("selection");
    await expect(identity("revoke", String(id), ...knowing(), "--suri", "//Charlie")).rejects.toThrow("was revoked already");
  });

  it("are rotated from another account, with a new recovery code", async () => {
    const first = await issue("first");
    expect(await standing(owner.address)).toMatchObject({ active: true, canParticipate: true });
    // Signed elsewhere, by a key whose secret the command never sees.
    const successor = account(bytes(32), "sr25519");
    const publicKey = `sr25519:${u8aToHex(successor.publicKey)}`;
    const { message } = await identity<{ message: string }>(
      ...["message", "--public-key", publicKey, "--owner", owner.address, "--rotate"],
    );
    expect(message).toBe(u8aToHex(possessionMessage(api, successor, owner, "rotate")));
    const signature = u8aToHex(successor.sign(message));
    const rotated = await identity<{ rotated_to: number }>(
      ...["rotate", String(first), ...knowing("first"), "--public-key", publicKey, "--possession", signature],
      ...["--new-code-file", file("second"), "--memory", "16", "--passes", "1", "--suri", "//Charlie"],
    );
    const second = rotated.rotated_to;
    expect((await key(first)).status).toBe("rotated");
    expect(await key(second)).toMatchObject({ status: "active", owner: owner.address, depositor: helper.address });
    expect(await standing(owner.address)).toMatchObject({ newest: second, active: true });
    await expect(identity("revoke", String(second), ...knowing("first"), "--suri", "//Charlie")).rejects.toThrow(
      "wrong answer or recovery code",
    );
    await identity("revoke", String(second), ...knowing("second"), "--suri", "//Dave");
    const told = await identity<{ active: boolean; keys: { key: number; status: string }[] }>("status", owner.address);
    expect(told.active).toBe(false);
    expect(told.keys.map(({ key, status }) => [key, status])).toEqual([
      [second, "revoked"],
      [first, `rotated to ${second}`],
      [id, "revoked"],
    ]);
  });

  it("are issued only by whom the voting nodes appointed", async () => {
    const asking = account(bytes(32), "ecdsa");
    const publicKey = { Ecdsa: u8aToHex(asking.publicKey) };
    const terms = { publicKey, commitment: `0x${"00".repeat(31)}01`, salt: bytes(16) };
    const kdf = { memoryKib: 65_536, passes: 3, lanes: 1 };
    const ask = (change: object, asked: string, signed = possession(api, asking, helper)) =>
      send(api, api.tx.identityKeys!.requestKey!({ ...terms, kdf, ...change }, asked, signed), helper);
    await expect(ask({}, authentication.address, possession(api, asking, owner))).rejects.toThrow(
      "identityKeys.InvalidPossession",
    );
    await expect(ask({}, helper.address)).rejects.toThrow("identityKeys.UnknownNode");
    await expect(ask({ kdf: { ...kdf, memoryKib: 100 << 20 } }, authentication.address)).rejects.toThrow(
      "identityKeys.KdfMemory",
    );
    await expect(ask({ commitment: `0x${"ff".repeat(32)}` }, authentication.address)).rejects.toThrow(
      "identityKeys.InvalidCommitment",
    );
    const asked = await ask({}, authentication.address);
    const { key_id: requested } = eventData(asked, "identityKeys.KeyRequested");
    await send(api, api.tx.identityKeys!.refuseKey!(requested), authentication);
    expect(await rpc(api, "identity_request", requested)).toBeNull();
  });
});

const parties = [account("//Bob"), account("//Dave"), account("//Eve")];

/** A data provider, a computing provider and a coordinator, in this order of [`parties`]. */
async function register(api: ApiPromise): Promise<void> {
  const [data, computing, coordinator] = parties;
  for (const party of parties) await send(api, api.tx.bonds!.bond!("Service", 1_000n * ETS), party);
  const { registerRole, registerDataset } = api.tx.bmpc!;
  await send(api, registerRole!(endpoint(), "DataProvider", terms()), data!);
  const schema = { V1: [{ name: "age", decimals: 0, bits: 8 }] };
  const policy = { templates: [0, 1], minRows: 1, buyers: null, maxQueries: null };
  await send(api, registerDataset!("Ages", schema, 100, bytes(32), 1_000_000n, policy), data!);
  const offer = { ComputingProvider: { price: ETS / 100n, paillier: modulus, keyProof: bytes(32) } };
  await send(api, registerRole!(endpoint(), offer, terms()), computing!);
  await send(api, registerRole!(endpoint(), { Coordinator: { price: ETS } }, terms()), coordinator!);
}

/** A number of 2048 bits that passes for a Paillier modulus: odd, and a multiple of three. */
const modulus = `0xff${"5a".repeat(254)}5d`;

async function request(api: ApiPromise): Promise<number> {
  const request = {
    template: 1,
    datasets: [0],
    computingProviders: [parties[1]!.address],
    coordinator: parties[2]!.address,
    parameters: "None",
    userKey: modulus,
    userKeyProof: bytes(32),
    selection: { commitment: bytes(32), selected: 1, sealed: [bytes(96), bytes(96)] },
    schedule: schedule(),
    maxPrice: 100n * ETS,
  };
  return eventData(await send(api, api.tx.bmpc!.request!(request), account("//Alice")), "bmpc.Requested").job_id as number;
}

async function confirm(api: ApiPromise, job: number, party: ReturnType<typeof account>): Promise<void> {
  await send(api, await confirmation(api, job, party.address), party);
}
