import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** What the nearest package.json above a file says of its .js files. Node's default is "commonjs". */
export function packageType(path: string): "module" | "commonjs" {
  for (let directory = dirname(path); ; directory = dirname(directory)) {
    const type = typeIn(directory);
    if (type !== undefined) return type;
    if (directory === dirname(directory)) return "commonjs";
  }
}

const known = new Map<string, "module" | "commonjs" | undefined>();

function typeIn(directory: string): "module" | "commonjs" | undefined {
  if (!known.has(directory)) known.set(directory, readType(join(directory, "package.json")));
  return known.get(directory);
}

function readType(manifest: string): "module" | "commonjs" | undefined {
  try {
    const content: unknown = JSON.parse(readFileSync(manifest, "utf8"));
    return typeof content === "object" && content !== null && Reflect.get(content, "type") === "module"
      ? "module"
      : "commonjs";
  } catch {
    // None here, or one that Node itself will complain about: the directory above decides.
    return undefined;
  }
}
