import tseslint from "typescript-eslint";

/**
 * Only what needs types: promises that nobody awaits. Biome's own rules for that do not follow an import into another
 * package, nor see an async callback in forEach. Everything else is Biome's business.
 */
export default tseslint.config(
  { ignores: ["**/dist/**", "**/.jest/**", "**/*.{js,mjs,cjs}", "**/*.config.ts", "tsup.base.ts"] },
  {
    files: ["**/*.ts"],
    languageOptions: { parser: tseslint.parser, parserOptions: { projectService: true } },
    plugins: { "@typescript-eslint": tseslint.plugin },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "@typescript-eslint/no-floating-promises": [
        "error",
        // Node's own test runner awaits these itself.
        { allowForKnownSafeCalls: [{ from: "package", package: "node:test", name: ["describe", "it"] }] },
      ],
      "@typescript-eslint/no-misused-promises": "error",
    },
  },
);
