import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism, cpus, loadavg, release, totalmem, type } from "node:os";
import { join } from "node:path";

const GIBIBYTE = 2 ** 30;

/** Where a run took place: figures without it say nothing. */
export interface Machine {
  readonly cores: number;
  readonly cpu: string;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  /** What ran on the machine before: mean number of busy or waiting processes in the last minute. */
  readonly loadBefore: number;
}

/** The machine of this process. */
export function describeMachine(): Machine {
  return {
    cores: availableParallelism(),
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    memoryGiB: Math.round((totalmem() / GIBIBYTE) * 10) / 10,
    system: `${type()} ${release()}`,
    node: process.version,
    loadBefore: Math.round((loadavg()[0] ?? 0) * 10) / 10,
  };
}

/** Versions of packages as they are installed here. */
export function versionsOf(packages: readonly string[]): Readonly<Record<string, string>> {
  const require = createRequire(import.meta.url);
  return Object.fromEntries(
    [...new Set(packages)].sort().map((name) => {
      // Not every package lets its package.json be imported.
      const files = (require.resolve.paths(name) ?? []).map((folder) => join(folder, name, "package.json"));
      const file = files.find((path) => existsSync(path));
      if (file === undefined) throw new Error(`The package "${name}" is not installed`);
      const { version } = JSON.parse(readFileSync(file, "utf8")) as { version: string };
      return [name, version];
    }),
  );
}
