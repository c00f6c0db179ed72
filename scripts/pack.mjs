// node scripts/pack.mjs FOLDER: builds what changed, packs every public package into the folder, and writes there
// packages.json, a list of { name, version, tarball }.
import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { main } from "./lib/main.mjs";
import { packAll } from "./lib/pack.mjs";
import { turbo } from "./lib/pnpm.mjs";

await main(async () => {
  const [folder] = process.argv.slice(2);
  if (!folder) throw new Error("Usage: node scripts/pack.mjs FOLDER");
  await turbo("build", "--filter=./packages/*", "--output-logs=errors-only");
  const packed = await packAll(resolve(folder));
  await writeFile(join(folder, "packages.json"), JSON.stringify(packed, null, 2));
});
