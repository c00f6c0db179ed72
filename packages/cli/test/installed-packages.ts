import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const PACKAGES = fileURLToPath(new URL("../..", import.meta.url));

/** Packages of this repository that a user would have installed. */
export const ALL_PACKAGES = ["core", "worker", "broker-memory", "broker-redis", "cli"] as const;

/** A folder whose `node_modules` holds packages of this repository, built from the sources as they are now. */
export interface InstalledPackages {
  readonly directory: string;
  /** The command's script. */
  readonly bin: string;
  remove(): Promise<void>;
}

interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly publishConfig: { readonly exports: Readonly<Record<string, unknown>> };
  readonly dependencies?: Readonly<Record<string, string>>;
}

/**
 * Builds packages into a folder of their own and installs them as npm would: real folders, one copy of each. Takes
 * well below a second, needs no build beforehand, and cannot see an old one.
 */
export async function installPackages(names: readonly string[] = ALL_PACKAGES): Promise<InstalledPackages> {
  const directory = await mkdtemp(join(tmpdir(), "chicory-cli-"));
  for (const name of names) await install(join(PACKAGES, name), directory);
  return {
    directory,
    bin: join(directory, "node_modules/@chicory/cli/dist/bin.js"),
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}

async function install(source: string, directory: string): Promise<void> {
  const manifest = JSON.parse(await readFile(join(source, "package.json"), "utf8")) as Manifest;
  const target = join(directory, "node_modules", manifest.name);
  await mkdir(target, { recursive: true });
  await writeFile(
    join(target, "package.json"),
    JSON.stringify({ ...manifest, exports: manifest.publishConfig.exports, devDependencies: undefined }),
  );
  const isCommand = manifest.name === "@chicory/cli";
  await build({
    entryPoints: isCommand
      ? {
          index: join(source, "src/index.ts"),
          bin: join(source, "src/bin.ts"),
          "typescript-hooks": join(source, "src/typescript/hooks.ts"),
        }
      : { index: join(source, "src/index.ts") },
    outdir: join(target, "dist"),
    bundle: true,
    splitting: true,
    packages: "external",
    format: "esm",
    platform: "node",
    target: "node20",
    // Lua scripts and the like, should a package import them.
    loader: { ".lua": "text" },
    logLevel: "error",
  });
  for (const dependency of Object.keys(manifest.dependencies ?? {})) await link(dependency, source, directory);
}

/** Third parties' packages are not built here: the folder refers to where they are installed. */
async function link(name: string, source: string, directory: string): Promise<void> {
  const installed = packageFolder(name, source);
  const target = join(directory, "node_modules", name);
  await mkdir(dirname(target), { recursive: true });
  await symlink(installed, target).catch((error: NodeJS.ErrnoException) => {
    // Another package depends on it too.
    if (error.code !== "EEXIST") throw error;
  });
}

function packageFolder(name: string, source: string): string {
  const folders = createRequire(join(source, "package.json")).resolve.paths(name) ?? [];
  const found = folders.map((folder) => join(folder, name)).find((folder) => existsSync(join(folder, "package.json")));
  if (found === undefined) throw new Error(`${name} is not installed for ${source}`);
  return found;
}
