import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";

/** Conditions of a package's `exports` that hold for an import in Node. */
const CONDITIONS: ReadonlySet<string> = new Set(["node", "import", "module-sync", "default"]);

/**
 * The file that a package's name, or a module in it, means to a project, or undefined if it is not installed there.
 * Node 20 has no way to resolve an import from another place than the asking module, so what `require` cannot see (a
 * package for `import` alone) is read from the package's `exports`.
 */
export function locatePackage(specifier: string, directory: string): string | undefined {
  if (/^(?:\.|[\\/]|node:)/.test(specifier)) return undefined;
  try {
    const path = createRequire(join(directory, "package.json")).resolve(specifier);
    // The name of a module of Node itself comes back as it is.
    return existsSync(path) ? path : undefined;
  } catch {
    return locateImport(specifier, directory);
  }
}

function locateImport(specifier: string, directory: string): string | undefined {
  const [, name = "", rest = ""] = /^((?:@[^/]+\/)?[^/]+)(.*)$/.exec(specifier) ?? [];
  for (let level = directory; ; level = dirname(level)) {
    const folder = join(level, "node_modules", name);
    const target = entryOf(folder, `.${rest}`);
    if (target !== undefined) return target;
    if (level === dirname(level)) return undefined;
  }
}

function entryOf(folder: string, subpath: string): string | undefined {
  const manifest = join(folder, "package.json");
  if (!existsSync(manifest)) return undefined;
  const content: unknown = JSON.parse(readFileSync(manifest, "utf8"));
  const exported: unknown =
    typeof content === "object" && content !== null ? Reflect.get(content, "exports") : undefined;
  const hasSubpaths =
    typeof exported === "object" && exported !== null && Object.keys(exported).some((key) => key.startsWith("."));
  const target = pick(hasSubpaths ? Reflect.get(exported, subpath) : subpath === "." ? exported : undefined);
  return target === undefined ? undefined : resolve(folder, target);
}

/** The first target whose conditions hold, in the order of the manifest. */
function pick(exported: unknown): string | undefined {
  if (typeof exported === "string") return exported;
  if (typeof exported !== "object" || exported === null || Array.isArray(exported)) return undefined;
  for (const [condition, value] of Object.entries(exported)) {
    const target = CONDITIONS.has(condition) ? pick(value) : undefined;
    if (target !== undefined) return target;
  }
  return undefined;
}
