import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { transform } from "@swc/core";

const TYPESCRIPT = /\.ts$/;

/** NodeNext sources import "./name.js" where the file on disk is "./name.ts". */
export async function resolve(specifier, context, nextResolve) {
  const isRelative = /^\.{1,2}\/.*\.js$/.test(specifier);
  if (!isRelative || !TYPESCRIPT.test(context.parentURL ?? "")) return nextResolve(specifier, context);
  return nextResolve(specifier.replace(/\.js$/, ".ts"), context);
}

export async function load(url, context, nextLoad) {
  if (!TYPESCRIPT.test(url)) return nextLoad(url, context);
  const filename = fileURLToPath(url);
  const { code } = await transform(await readFile(filename, "utf8"), {
    filename,
    jsc: { parser: { syntax: "typescript" }, target: "es2022" },
    module: { type: "es6" },
    sourceMaps: "inline",
  });
  return { format: "module", source: code, shortCircuit: true };
}
