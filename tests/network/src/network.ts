// A chain of four validators, each a process with a database of its own, over a specification made for the test.

import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { KeyringPair } from "@polkadot/keyring/types";
import { account, ETS } from "../../support/chain.js";
import { BINARY } from "../../support/node.js";
import { Validator } from "./validator.js";

/** The validators of the genesis: session keys of the name, account of the name's stash. */
export const NAMES = ["alice", "bob", "charlie", "dave"] as const;
export type Name = (typeof NAMES)[number];

const uri = (name: string): string => `//${name[0]!.toUpperCase()}${name.slice(1)}`;

/** The account that a well-known validator stakes with. */
export const stash = (name: string): KeyringPair => account(`${uri(name)}//stash`);

/** What each validator of the genesis has at stake, and beside it, in ETS. */
export const BOND = 10_000;
const FREE = 50_000;

/** Blocks of a session. */
const EPOCH = 10;

/** Sessions of ten seconds, and as many of them to an era as the test wants: elections are once in an era. */
const genesis = (sessionsPerEra: number) => ({
  consensusParameters: { slotDuration: 1_000, epochSlots: EPOCH },
  bonds: {
    parameters: {
      sessionsPerEra,
      validators: 5,
      maxNew: 5,
      minValidators: 3,
      // A bond stays at least for an era and two sessions more.
      validatorUnbonding: Math.max(600, (sessionsPerEra + 2) * EPOCH),
      minValidatorBond: Number(BigInt(BOND) * ETS),
    },
  },
});

export class Network {
  private readonly members = new Map<string, Validator>();
  private base = "";
  private stopped = false;

  constructor(private readonly sessionsPerEra: number) {}

  /** Starts the four. */
  async start(): Promise<void> {
    this.base = await mkdtemp(join(tmpdir(), "encrytrust-network-"));
    await this.writeSpec();
    const [first, ...others] = NAMES;
    await this.join(first, first);
    await Promise.all(others.map((name) => this.join(name, name)));
  }

  /** Starts a validator over an empty database: with a well-known one's session keys, or with none. */
  async join(name: string, key?: Name): Promise<Validator> {
    const validator = new Validator(name, this.spec, join(this.base, name), key);
    this.members.set(name, validator);
    await this.resume(name);
    return validator;
  }

  /** Starts a validator over the database that it has. */
  async resume(name: string): Promise<void> {
    const ready = [...this.members.values()].filter((validator) => validator.isReady);
    const addresses = await Promise.all(ready.map((validator) => validator.address()));
    if (this.stopped) throw new Error("the network has been stopped");
    await this.member(name).start(addresses);
  }

  member(name: string): Validator {
    const validator = this.members.get(name);
    if (!validator) throw new Error(`nobody is called ${name}`);
    return validator;
  }

  /** Ends every process and removes every database, even while the network is starting. */
  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all([...this.members.values()].map((validator) => validator.stop("SIGKILL")));
    await rm(this.base, { recursive: true, force: true });
  }

  private get spec(): string {
    return join(this.base, "chain.json");
  }

  private async writeSpec(): Promise<void> {
    const validators = join(this.base, "validators.json");
    const changes = join(this.base, "genesis.json");
    await writeFile(validators, JSON.stringify(NAMES.map(genesisValidator)));
    await writeFile(changes, JSON.stringify(genesis(this.sessionsPerEra)));
    const chain = ["--chain", "local", "--id", "encrytrust_network_test", "--name", "EncryTrust Network Test"];
    const files = ["--validators", validators, "--genesis", changes, "--raw", "--output", this.spec];
    await promisify(execFile)(BINARY, ["export-chain-spec", ...chain, ...files]);
  }
}

function genesisValidator(name: Name) {
  const { address } = account(uri(name));
  return {
    account: stash(name).address,
    babe: address,
    grandpa: account(uri(name), "ed25519").address,
    authority_discovery: address,
    bond: BOND,
    free: FREE,
  };
}
