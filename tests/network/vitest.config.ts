import { defineConfig } from "vitest/config";

// Each file is one story of a network of its own, told in order: after a failure the rest says nothing.
export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    fileParallelism: false,
    bail: 1,
  },
});
