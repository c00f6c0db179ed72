import { mkdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Command } from "./command.js";
import { onceARun } from "./once-a-run.js";
import { packedPackages } from "./packed-packages.js";

const INSTALL_DEADLINE_MS = 300_000;

/**
 * Outside of the repository, or else a package that is missing would be found further up. The project of a run is
 * removed at its end, by teardown.mjs.
 */
const base = join(tmpdir(), "chicory-e2e");

/** What a user of the quickstart has installed, as `dependencies`. */
const USERS_PACKAGES = ["@chicory/core", "@chicory/broker-redis", "@chicory/worker", "@chicory/cli"] as const;

/** Installed for the tests of a swap; not among the project's dependencies, so it is never chosen by itself. */
const DEVELOPMENT_PACKAGES = ["@chicory/broker-memory", "@chicory/broker-rabbitmq"] as const;

/**
 * A project of a user's with the packed packages installed by npm, made once in a run. Tests put their files into it,
 * or into folders below it: those find its packages, and can have a package.json of their own.
 */
export async function installedProject(): Promise<string> {
  return onceARun({ base, make: install, deadlineMs: INSTALL_DEADLINE_MS });
}

async function install(folder: string): Promise<void> {
  const tarballs = new Map((await packedPackages()).map(({ name, tarball }) => [name, tarball]));
  const section = (names: readonly string[]) =>
    Object.fromEntries(names.map((name) => [name, `file:${tarballs.get(name)}`]));
  await writeFile(
    join(folder, "package.json"),
    JSON.stringify({
      name: "a-project-of-a-user",
      private: true,
      type: "module",
      dependencies: { ...section(USERS_PACKAGES), valibot: await valibotVersion() },
      devDependencies: section(DEVELOPMENT_PACKAGES),
    }),
  );
  const npm = new Command("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline"], { cwd: folder });
  const { code, stdout, stderr } = await npm.ended().finally(() => npm.kill());
  if (code !== 0) throw new Error(`npm install failed:\n${stdout}${stderr}`);
}

/** The version that core uses: the one that is in the cache of npm anyway. */
async function valibotVersion(): Promise<string> {
  const manifest = new URL("../../../packages/core/package.json", import.meta.url);
  const { dependencies } = JSON.parse(await readFile(manifest, "utf8")) as { dependencies: { valibot: string } };
  return dependencies.valibot;
}

/** Writes files below a folder, by relative path; objects as JSON. */
export async function writeFiles(folder: string, files: Readonly<Record<string, string | object>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, typeof content === "string" ? content : JSON.stringify(content, undefined, 2));
  }
}
