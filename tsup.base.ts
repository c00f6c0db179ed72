import { defineConfig, type Options } from "tsup";

/**
 * The one build of every package: ESM for Node 20, with types and source maps. Dependencies and peers stay imports,
 * so that a user has one copy of each.
 */
export function packageConfig(overrides: Options = {}): ReturnType<typeof defineConfig> {
  return defineConfig({
    entry: { index: "src/index.ts" },
    format: "esm",
    target: "node20",
    platform: "node",
    dts: true,
    sourcemap: true,
    clean: true,
    splitting: true,
    ...overrides,
  });
}
