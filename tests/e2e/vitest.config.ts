import { defineConfig } from "vitest/config";

// Each file starts a node of its own; a block takes a second, so a job of many extrinsics takes its time: the files run at once.
export default defineConfig({
  test: { include: ["tests/**/*.test.ts"], testTimeout: 120_000, hookTimeout: 60_000 },
});
