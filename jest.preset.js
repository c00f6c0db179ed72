import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** The jest setup of every package: ES modules, TypeScript by swc, workspace packages read from their sources. */
export const jestPreset = {
  testEnvironment: here("./scripts/jest-environment.cjs"),
  testEnvironmentOptions: { customExportConditions: ["source", "node", "node-addons"] },
  testMatch: ["<rootDir>/src/**/*.test.ts", "<rootDir>/test/**/*.test.ts"],
  testTimeout: 60_000,
  extensionsToTreatAsEsm: [".ts"],
  resolver: here("./scripts/jest-resolver.cjs"),
  transform: {
    "\\.ts$": [
      "@swc/jest",
      {
        jsc: { parser: { syntax: "typescript" }, target: "es2022" },
        module: { type: "es6" },
        sourceMaps: "inline",
      },
    ],
  },
};
