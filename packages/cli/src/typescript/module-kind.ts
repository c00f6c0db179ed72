/** How a TypeScript file is run: as an ES module, or as CommonJS. */
export type ModuleKind = "module" | "commonjs";

/** `import ...` or `export ...` at the beginning of a line, but neither `import x = require()` nor `export =`. */
const ESM_STATEMENT =
  /^[ \t]*(?:import(?![\w$(.])(?!\s+(?:type\s+)?[\w$]+\s*=)|export(?![\w$])(?!\s*=)(?!\s+import\b))/m;

/** What only CommonJS has. `import x = require()` is not among them: an ES module can do that too. */
const COMMONJS_ONLY = /^[ \t]*export\s*=|\bmodule\.exports\b|^[ \t]*exports\.[\w$]+\s*=/m;

const COMMONJS_ASSIGNMENT = /^[ \t]*export\s*=/m;

/**
 * Decides how a TypeScript file is run, by what it says rather than by the nearest package.json: a file with `import`
 * and `export` is an ES module whatever "type" says there. A project made by `npm init` says "commonjs", and running
 * its modules as CommonJS would give it a second copy of `@chicory/core`, and no top-level await.
 */
export function moduleKind(path: string, source: string): ModuleKind {
  if (path.endsWith(".mts")) return "module";
  if (COMMONJS_ASSIGNMENT.test(source)) return "commonjs";
  if (ESM_STATEMENT.test(source)) return "module";
  return COMMONJS_ONLY.test(source) || path.endsWith(".cts") ? "commonjs" : "module";
}
