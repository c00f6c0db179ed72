import { statSync } from "node:fs";
import { resolve } from "node:path";
import { UsageError } from "../errors/command-error.js";
import { locatePackage } from "./locate-package.js";

/** Extensions in the order in which they are tried: sources before what they were compiled to. */
const EXTENSIONS = [".ts", ".mts", ".cts", ".tsx", ".js", ".mjs", ".cjs"];

/** Most places that a message lists; beyond that they say nothing new. */
const MAX_LISTED = 8;

/**
 * Finds the file of a module as somebody names it in a shell: with or without extension, a directory with an index,
 * or a package of the project. Throws a {@link UsageError} that lists what was tried.
 */
export function locateModule(module: string, directory: string): string {
  const path = resolve(directory, module);
  if (EXTENSIONS.some((extension) => path.endsWith(extension)) && isFile(path)) return path;
  const files = [
    ...EXTENSIONS.map((extension) => path + extension),
    ...EXTENSIONS.map((ending) => resolve(path, `index${ending}`)),
  ];
  const found = files.find(isFile) ?? locatePackage(module, directory);
  if (found !== undefined) return found;
  const listed = EXTENSIONS.some((extension) => path.endsWith(extension)) ? [path] : files.slice(0, MAX_LISTED);
  throw new UsageError(`No module "${module}" was found. Tried ${listed.join(", ")}${packageHint(module)}`);
}

/** What begins like a path was not looked for among packages. */
function packageHint(module: string): string {
  return /^(?:\.|[\\/]|[A-Za-z]:[\\/])/.test(module) ? "" : `, and the package "${module}"`;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
