import { defineConfig } from "vitest/config";

// tests/interop/identity/run has made a ceremony, whose proofs a chain is to take.
const include = process.env.CEREMONY ? "interop/**/*.test.ts" : "tests/**/*.test.ts";

// Each file starts a node of its own; a block takes a second, so a job of many extrinsics takes its time: files run at once where cores allow it.
export default defineConfig({
  test: { include: [include], testTimeout: 120_000, hookTimeout: 60_000 },
});
