import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type ModuleKind, moduleKind } from "./module-kind.js";
import { packageType } from "./package-type.js";
import { transpileModule, transpileScript } from "./transpile.js";

/** TypeScript as JavaScript that Node can run. */
export interface LoadedSource {
  readonly format: ModuleKind;
  readonly source: string;
}

/** Reads the TypeScript at an address and transpiles it; undefined if the address is that of something else. */
export function loadSource(url: string): LoadedSource | undefined {
  const [address = ""] = url.split(/[?#]/);
  if (!address.startsWith("file:") || !/\.(?:[cm]?ts|tsx)$/.test(address)) return undefined;
  const path = fileURLToPath(address);
  const source = readFileSync(path, "utf8");
  const format = moduleKind(path, source);
  if (format === "commonjs") return { format, source: transpileScript(source, path) };
  const commonjsScope = !path.endsWith(".mts") && (path.endsWith(".cts") || packageType(path) === "commonjs");
  return { format, source: transpileModule(source, path, { commonjsScope }) };
}
