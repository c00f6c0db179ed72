import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import type { Chicory, ConfigSection, Logger } from "@chicory/core";
import { CommandError, UsageError } from "../errors/command-error.js";

/** What the command uses of a worker. */
export interface RunnableWorker {
  run(): Promise<void>;
  stop(): Promise<void>;
  on(event: "ready", listener: () => void): () => void;
  stats(): { readonly queues: readonly { readonly queue: string; readonly concurrency: number }[] };
}

/** Options that the command passes to a worker; what is absent comes from config, environment or a default. */
export interface WorkerFlags {
  readonly queues?: readonly string[];
  readonly concurrency?: number;
  readonly shutdownTimeoutMs?: number;
  readonly maxDeliveries?: number;
  readonly name?: string;
  readonly deadLetters?: boolean;
  readonly lookAhead?: boolean;
  readonly logger?: Logger;
}

/** What the command uses of `@chicory/worker`. */
export interface WorkerPackage {
  readonly Worker: new (app: Chicory, options: WorkerFlags) => RunnableWorker;
  readonly workerSection: ConfigSection;
}

const NAME = "@chicory/worker";

/**
 * Imports the worker package as the app's module sees it, else as this package does: a project decides on its version
 * by its own package.json. Throws a {@link UsageError} that says what to install.
 */
export async function loadWorkerPackage(appPath: string): Promise<WorkerPackage> {
  const path = locate(appPath) ?? locate(import.meta.url);
  if (path === undefined) throw new UsageError(`${NAME} is not installed: run npm install ${NAME}`);
  let found: unknown;
  try {
    found = await import(pathToFileURL(path).href);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CommandError(`${NAME} fails while it is loaded from ${path}: ${reason}`, { cause });
  }
  if (isWorkerPackage(found)) return found;
  throw new UsageError(
    `${NAME} at ${path} is of a version that this command does not know: install the same one as of @chicory/cli`,
  );
}

function locate(from: string): string | undefined {
  try {
    return createRequire(from).resolve(NAME);
  } catch {
    return undefined;
  }
}

function isWorkerPackage(value: unknown): value is WorkerPackage {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof Reflect.get(value, "Worker") === "function" &&
    typeof Reflect.get(value, "workerSection") === "object"
  );
}
