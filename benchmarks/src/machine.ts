import { createRequire } from "node:module";
import { availableParallelism, cpus, loadavg, release, totalmem, type } from "node:os";

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
      const { version }: { version: string } = require(`${name}/package.json`);
      return [name, version];
    }),
  );
}
