import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { pnpm } from "./pnpm.mjs";
import { packages } from "./workspace.mjs";

/** The packages that are published. */
const publicPackages = () => packages().filter(({ manifest }) => manifest.private !== true);

/** Packs every public package, which must be built, into `folder`; returns `{ name, version, tarball }` of each. */
export async function packAll(folder) {
  await mkdir(folder, { recursive: true });
  const packed = [];
  for (const { path, manifest } of publicPackages()) {
    const { filename } = JSON.parse(await pnpm(path, "pack", "--json", "--pack-destination", folder));
    packed.push({ name: manifest.name, version: manifest.version, tarball: join(folder, filename.split("/").at(-1)) });
  }
  return packed;
}
