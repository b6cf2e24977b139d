// A proof that snarkjs makes for our circuit, with a ceremony's key, revokes a key; one of ours with the same key as well.

import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { ApiPromise } from "@polkadot/api";
import { u8aToHex } from "@polkadot/util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { account, possession, rpc, send } from "../../support/chain.js";
import { BINARY } from "../../support/node.js";
import { eventData } from "../src/chain.js";
import { encrytrust } from "../src/cli.js";
import { DevNode } from "../src/node.js";

const [ceremony, snarkjs] = [process.env.CEREMONY!, process.env.SNARKJS!];
const alice = account("//Alice");
const owner = account("//Bob");
const helper = account("//Charlie");
const authentication = account("//Ferdie");
/** The owner's identity key. */
const identityKey = account("//Bob//identity");
const file = (name: string) => join(ceremony, name);
const run = async (command: string, ...args: string[]) => (await promisify(execFile)(command, args)).stdout.trim();
const interop = (...args: string[]) => run(join(dirname(BINARY), "examples", "interop"), ...args);

describe("a chain under a ceremony's key", () => {
  let node: DevNode;
  let api: ApiPromise;
  const status = async (id: number) => (await rpc<{ status: string }>(api, "identity_key", id)).status;
  beforeAll(async () => {
    node = await DevNode.start();
    api = await node.connect();
    const key = u8aToHex(await readFile(file("verifying_key.bin")));
    const set = await send(api, api.tx.sudo!.sudo!(api.tx.identityKeys!.setVerifyingKey!(key)), alice);
    expect(eventData(set, "identityKeys.VerifyingKeySet").version).toBe(2);
  });
  afterAll(async () => {
    await api?.disconnect();
    await node?.stop();
  });

  it("takes snarkjs' proof", async () => {
    const publicKey = u8aToHex(identityKey.publicKey);
    const terms = JSON.parse(await interop("terms", publicKey));
    const signed = possession(api, identityKey, owner);
    const asked = await send(api, api.tx.identityKeys!.requestKey!(terms, authentication.address, signed), owner);
    const id = eventData(asked, "identityKeys.KeyRequested").key_id as number;
    await send(api, api.tx.identityKeys!.issueKey!(id), authentication);

    await interop("revocation", ceremony, publicKey, api.genesisHash.toHex(), String(id), u8aToHex(helper.publicKey));
    const made = ["snarkjs.proof.json", "snarkjs.public.json"].map(file);
    await run("node", snarkjs, "groth16", "prove", file("final.zkey"), file("witness.wtns"), ...made);
    const proof = await interop("proof", ceremony);
    await expect(send(api, api.tx.identityKeys!.revokeKey!(id, proof), owner)).rejects.toThrow("identityKeys.InvalidProof");
    await send(api, api.tx.identityKeys!.revokeKey!(id, proof), helper);
    expect(await status(id)).toBe("revoked");
  });

  it("takes ours with the ceremony's proving key, and tells when another is used", async () => {
    await writeFile(file("answer"), "Fluffy\n");
    const seed = `0x${"07".repeat(32)}`;
    await writeFile(file("key"), `${seed}\n`);
    const publicKey = `ed25519:${u8aToHex(account(seed, "ed25519").publicKey)}`;
    const cli = <T>(...args: string[]) => encrytrust<T>("identity", ...args, "--url", node.url);
    const knows = ["--answer-file", file("answer"), "--code-file", file("code")];
    const { key: id } = await cli<{ key: number }>(
      ...["request", "--public-key", publicKey, "--key-file", file("key"), "--node", authentication.address],
      ...["--answer-file", file("answer"), "--new-code-file", file("code"), "--suri", "//Dave"],
    );
    await cli("issue", String(id), "--suri", "//Ferdie");
    const revoke = (...args: string[]) => cli("revoke", String(id), ...knows, ...args, "--suri", "//Charlie");
    await expect(revoke()).rejects.toThrow("--proving-key");
    await revoke("--proving-key", file("proving_key.bin"));
    expect(await status(id)).toBe("revoked");
  });
});
