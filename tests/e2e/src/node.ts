// A dev chain of its own for each test file: started by the file, and ended with it.

import type { ChildProcess } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ApiPromise } from "@polkadot/api";
import { connect, end, spawnNode, untilServing } from "../../support/node.js";

export class DevNode {
  private constructor(
    private child: ChildProcess,
    private readonly base: string,
    public url: string,
    private readonly extra: string[],
  ) {}

  /** Starts a new dev chain, by a node with these additional arguments. */
  static async start(...extra: string[]): Promise<DevNode> {
    const base = await mkdtemp(join(tmpdir(), "encrytrust-e2e-"));
    const { child, url } = await launch(base, extra);
    return new DevNode(child, base, url, extra);
  }

  /** A client of the node; the caller disconnects it. */
  async connect(): Promise<ApiPromise> {
    return connect(this.url);
  }

  /** Kills the process and starts it again over the same database. */
  async killAndRestart(): Promise<void> {
    await end(this.child, "SIGKILL");
    const { child, url } = await launch(this.base, this.extra);
    this.child = child;
    this.url = url;
  }

  async stop(): Promise<void> {
    await end(this.child, "SIGTERM");
    await rm(this.base, { recursive: true, force: true });
  }
}

async function launch(base: string, extra: string[]): Promise<{ child: ChildProcess; url: string }> {
  const child = spawnNode(["--dev", "--base-path", base, ...extra]);
  const { url } = await untilServing(child);
  return { child, url };
}
