import { type Transform, transform } from "sucrase";

/** Names that CommonJS gives to every file and an ES module lacks. */
const COMMONJS_SCOPE: ReadonlyMap<string, string> = new Map([
  ["require", "__createRequire(import.meta.url)"],
  ["__filename", "import.meta.filename"],
  ["__dirname", "import.meta.dirname"],
]);

/**
 * Turns TypeScript into an ES module for Node 20: types go, enums and parameter properties become code, unused imports
 * are dropped as `tsc` drops them. Lines stay where they were, so that stack traces need no source map.
 *
 * With `commonjsScope` the file gets the `require`, `__filename` and `__dirname` that it uses, as it would have in a
 * project whose package.json says "commonjs". Throws a SyntaxError for what is no TypeScript.
 */
export function transpileModule(source: string, path: string, options: { readonly commonjsScope: boolean }): string {
  const code = run(source, path, []);
  return options.commonjsScope ? withCommonjsScope(code) : code;
}

/** Turns TypeScript into CommonJS. Throws a SyntaxError for what is no TypeScript. */
export function transpileScript(source: string, path: string): string {
  return run(source, path, ["imports"]);
}

function run(source: string, path: string, transforms: readonly Transform[]): string {
  try {
    return transform(source, {
      transforms: [...transforms, "typescript", ...(path.endsWith("x") ? (["jsx"] as const) : [])],
      jsxRuntime: "automatic",
      production: true,
      disableESTransforms: true,
      preserveDynamicImport: true,
      injectCreateRequireForImportRequire: true,
    }).code;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SyntaxError(`${path}: ${reason.replace(/^Error transforming .*?: /, "")}`, { cause });
  }
}

function withCommonjsScope(code: string): string {
  const missing = [...COMMONJS_SCOPE].filter(([name]) => uses(code, name) && !declares(code, name));
  if (missing.length === 0) return code;
  const names = missing.map(([name, value]) => `${name} = ${value}`).join(", ");
  const prelude = `import { createRequire as __createRequire } from "node:module"; const ${names}; `;
  const hashbang = /^#!.*\n/.exec(code)?.[0] ?? "";
  return hashbang + prelude + code.slice(hashbang.length);
}

function uses(code: string, name: string): boolean {
  return new RegExp(`(?<![\\w$.])${name}(?![\\w$])`).test(code);
}

function declares(code: string, name: string): boolean {
  return new RegExp(`\\b(?:const|let|var|function)\\s+${name}(?![\\w$])|\\bas\\s+${name}(?![\\w$])`).test(code);
}
