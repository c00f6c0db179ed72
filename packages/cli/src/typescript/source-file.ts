import { statSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";

/** The TypeScript files that become a JavaScript file, by its extension. */
const SOURCES: Readonly<Record<string, readonly string[]>> = {
  ".js": [".ts", ".tsx"],
  ".jsx": [".tsx"],
  ".mjs": [".mts"],
  ".cjs": [".cts"],
};

/** What is tried for an import without an extension, as `moduleResolution: "bundler"` allows it. */
const ENDINGS = [".ts", ".tsx", ".mts", ".cts", ".js", ".mjs", ".cjs", ".json", "/index.ts", "/index.tsx", "/index.js"];

/**
 * URL of the file that an import which Node cannot resolve means in TypeScript: `./name.js` is name.ts, `./name` is
 * name.ts or name/index.ts. Undefined if there is none, or the import is not relative.
 */
export function sourceFor(specifier: string, parentUrl: string | undefined): string | undefined {
  const address = addressOf(specifier, parentUrl);
  if (address === undefined) return undefined;
  const path = fileURLToPath(address);
  const extension = /\.(?:[cm]?js|jsx)$/.exec(path)?.[0];
  const candidates =
    extension === undefined
      ? ENDINGS.map((ending) => path.replace(/[\\/]$/, "") + ending)
      : (SOURCES[extension] ?? []).map((ending) => path.slice(0, -extension.length) + ending);
  const found = candidates.find(isFile);
  return found === undefined ? undefined : pathToFileURL(found).href;
}

function addressOf(specifier: string, parentUrl: string | undefined): URL | undefined {
  if (specifier.startsWith("file:")) return new URL(specifier);
  if (parentUrl?.startsWith("file:") !== true || !/^\.{0,2}\/|^\.{1,2}$/.test(specifier)) return undefined;
  return new URL(specifier, parentUrl);
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
