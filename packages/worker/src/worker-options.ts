import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { type Chicory, ConfigError, type Logger, type Middleware, resolveSection } from "@chicory/core";
import { type QueueSpec, type ResolvedQueue, resolveQueues } from "./queue-spec.js";
import { type WorkerConfigOptions, type WorkerConfigValues, workerSection } from "./worker-config.js";

/**
 * Options of a worker; every one may be left out. What is not given comes from the app's config object, the
 * environment (`CHICORY_WORKER_*`), `.env`, or a default. An option that is undefined counts as not given.
 */
export interface WorkerOptions extends Omit<WorkerConfigOptions, "queue" | "logLevel"> {
  /** Queues to consume, each with a number of its own or with `concurrency`. Default: the queues of the app's tasks. */
  readonly queues?: readonly (string | QueueSpec)[] | undefined;
  /** Name by which operators and dead letters know this worker; made of host, process id and chance if not given. */
  readonly name?: string | undefined;
  /** Runs inside of the app's own middleware. */
  readonly middleware?: readonly Middleware[] | undefined;
  /** Default: the app's. */
  readonly logger?: Logger | undefined;
}

/** A worker's options with every value known. */
export interface WorkerSettings extends Omit<WorkerConfigValues, "queue" | "logLevel" | "concurrency"> {
  readonly queues: readonly ResolvedQueue[];
  readonly name: string;
  readonly middleware: readonly Middleware[];
  readonly logger: Logger;
}

/** Resolves options; throws a {@link ConfigError} that names one that is not acceptable. */
export function resolveWorkerOptions(app: Chicory, options: WorkerOptions): WorkerSettings {
  const { queues, name = newName(), middleware = [], logger = app.logger, ...rest } = options;
  const explicit = queues === undefined ? rest : { ...rest, queue: [...queues] };
  const { values } = resolveSection(workerSection, { explicit, configured: app.config.worker });
  const { queue: configured, concurrency, logLevel: _, ...settings } = values;
  const consumed = resolveQueues(configured ?? app.tasks.queues(), concurrency);
  if (consumed.length === 0) {
    throw new ConfigError("The worker has no queue to consume: define a task before it is made, or name its queues");
  }
  return { ...settings, queues: consumed, name, middleware, logger: logger.child({ worker: name }) };
}

/** Unique among live processes also where every container has the same host name and process id. */
function newName(): string {
  return `${hostname()}-${process.pid}-${randomBytes(3).toString("hex")}`;
}
