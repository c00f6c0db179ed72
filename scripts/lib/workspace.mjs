import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of the repository. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Every package of the workspace, with its folder (relative to the root, and in full) and its manifest. */
export function packages() {
  return packageFolders()
    .filter((path) => existsSync(join(path, "package.json")))
    .map((path) => ({ path, folder: relative(root, path), manifest: readJson(join(path, "package.json")) }));
}

export function readJson(path) {
  return JSON.parse(readFileSync(path, "utf8"));
}

/** The patterns of pnpm-workspace.yaml, of which this repository uses two kinds: a folder, and a folder's children. */
function packageFolders() {
  const text = readFileSync(join(root, "pnpm-workspace.yaml"), "utf8");
  const [, list = ""] = /^packages:\n((?: +- .+\n)+)/m.exec(text) ?? [];
  return [...list.matchAll(/- (.+)/g)].flatMap(([, pattern]) => {
    if (!pattern.endsWith("/*")) return [join(root, pattern)];
    const parent = join(root, pattern.slice(0, -"/*".length));
    return existsSync(parent)
      ? readdirSync(parent)
          .sort()
          .map((name) => join(parent, name))
      : [];
  });
}
