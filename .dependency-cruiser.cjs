// Every arrow between packages points to core; see docs/architecture.md.
const TESTS = "\\.test\\.ts$|^packages/[^/]+/test/";

module.exports = {
  forbidden: [
    {
      name: "arrows-point-to-core",
      comment: "A package imports core and no other package of this repository.",
      severity: "error",
      from: { path: "^packages/([^/]+)/", pathNot: TESTS },
      to: { path: "^packages/", pathNot: ["^packages/$1/", "^packages/core/"] },
    },
    {
      name: "core-imports-no-package",
      comment: "Core's own tests included: a package that core tests with would make a cycle.",
      severity: "error",
      from: { path: "^packages/core/" },
      to: { path: "^(packages|tests|benchmarks|examples)/", pathNot: "^packages/core/" },
    },
    {
      name: "no-circular-imports",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "no-deep-imports",
      comment: "Another package is imported by its name, never by a path into it.",
      severity: "error",
      from: { path: "^((?:packages|tests)/[^/]+|benchmarks)/" },
      to: { path: "^(packages|tests|benchmarks|examples)/", pathNot: "^$1/", dependencyTypes: ["local"] },
    },
    {
      name: "no-tests-in-products",
      comment: "What is shipped does not import tests and what only tests use.",
      severity: "error",
      from: { path: "^packages/[^/]+/src/", pathNot: TESTS },
      to: { path: TESTS },
    },
    {
      name: "no-development-dependencies-in-products",
      severity: "error",
      from: { path: "^packages/[^/]+/src/", pathNot: [TESTS, "^packages/test-servers/"] },
      to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["npm", "npm-peer", "type-only"] },
    },
    {
      name: "everything-resolves",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "/(dist|\\.jest|node_modules/(?!@chicory))/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.base.json" },
    combinedDependencies: false,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["source", "import", "node", "default", "types"],
      extensions: [".ts", ".mjs", ".js", ".json"],
    },
  },
};
