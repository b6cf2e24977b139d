// A validator: one process over one database.

import type { ChildProcess } from "node:child_process";
import type { ApiPromise } from "@polkadot/api";
import { rpc } from "../../support/chain.js";
import { connect, end, spawnNode, untilServing } from "../../support/node.js";
import { until } from "./chain.js";

/** A client of a running process, and what the process reported at its start. */
interface Session {
  api: ApiPromise;
  /** The best block that its database held when it started. */
  highest: number;
}

export class Validator {
  private child: ChildProcess | undefined;
  private session: Session | undefined;

  /** `key` is the well-known name whose session keys it has; without one it begins with none. */
  constructor(
    readonly name: string,
    private readonly spec: string,
    private readonly base: string,
    private readonly key?: string,
  ) {}

  get isReady(): boolean {
    return this.session !== undefined;
  }

  /** A client of the running process. */
  get api(): ApiPromise {
    return this.ready.api;
  }

  get highestAtStart(): number {
    return this.ready.highest;
  }

  private get ready(): Session {
    if (!this.session) throw new Error(`${this.name} does not run`);
    return this.session;
  }

  async start(bootnodes: string[]): Promise<void> {
    const args = ["--chain", this.spec, "--base-path", this.base, "--name", this.name, "--validator"];
    if (this.key) args.push(`--${this.key}`);
    // The peer's key is made with the database: nothing else knows these validators by it.
    args.push("--unsafe-force-node-key-generation", "--allow-private-ip");
    if (bootnodes.length > 0) args.push("--bootnodes", ...bootnodes);
    this.child = spawnNode(args);
    const { url, highest } = await untilServing(this.child);
    this.session = { api: await connect(url), highest };
  }

  /** The address at which other nodes reach it. */
  async address(): Promise<string> {
    return until(`${this.name} listens`, async () => {
      const addresses = (await this.api.rpc.system.localListenAddresses()).map((address) => address.toString());
      return addresses.find((address) => address.startsWith("/ip4/127.0.0.1/"));
    });
  }

  /** Calls a JSON-RPC method that polkadot.js does not know. */
  rpc<T>(method: string, ...params: unknown[]): Promise<T> {
    return rpc<T>(this.api, method, ...params);
  }

  /** Ends the process, and leaves the database. */
  async stop(signal: NodeJS.Signals): Promise<void> {
    const { child, session } = this;
    this.child = this.session = undefined;
    await session?.api.disconnect();
    if (child) await end(child, signal);
  }
}
