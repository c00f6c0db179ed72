import { readFileSync } from "node:fs";
import { createRequire, register } from "node:module";
import { registerSyncHooks } from "./sync-hooks.js";
import { transpileScript } from "./transpile.js";

/** TypeScript loaders that a user may have put before the command by `node --import` or NODE_OPTIONS. */
const OTHER_LOADER = /--(?:import|require|loader|experimental-loader)[= ](\S*\b(?:tsx|ts-node|swc|esbuild|jiti)\b)/;

let registered = false;

/**
 * Lets this process import TypeScript, on Node 20 and with more of the language than Node's own type stripping takes.
 * Does nothing if another loader of TypeScript was started with the process: that one was asked for.
 */
export function registerTypeScript(): void {
  if (registered) return;
  registered = true;
  if (OTHER_LOADER.test([...process.execArgv, process.env.NODE_OPTIONS ?? ""].join(" "))) return;
  if (registerSyncHooks()) return;
  // `require` of TypeScript happens in this thread, `import` of it in that of the hooks.
  const { extensions } = createRequire(import.meta.url);
  for (const extension of [".ts", ".cts", ".tsx"]) extensions[extension] = compile;
  register("./typescript-hooks.js", import.meta.url);
}

function compile(module: NodeModule, path: string): void {
  // The one method of a CommonJS module that loaders call, absent from Node's types.
  const { _compile: run } = module as NodeModule & { _compile(code: string, path: string): void };
  run.call(module, transpileScript(readFileSync(path, "utf8"), path), path);
}
