import { type ConfigSection, MAX_SILENCE_MS, type SectionOptions, type SectionValues } from "@chicory/core";
import * as v from "valibot";
import { MAX_CONCURRENCY, parseQueueSpec } from "./queue-spec.js";

/** Levels of the command's log, from most to least. */
export const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;

/** Longest time that can be configured: what a timer of Node can hold (2^31 - 1 ms, about 24.8 days). */
const MAX_MS = 2_147_483_647;

const DEFAULT_CONCURRENCY = 32;

function count(minimum: number, description: string) {
  return v.pipe(v.number(), v.integer(), v.minValue(minimum), v.description(description));
}

function milliseconds(minimum: number, description: string) {
  return v.pipe(v.number(), v.integer(), v.minValue(minimum), v.maxValue(MAX_MS), v.description(description));
}

const concurrency = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_CONCURRENCY));

const queueText = v.pipe(
  v.string(),
  v.check((text) => parseQueueSpec(text) !== undefined, "a queue name, or name=concurrency"),
);

const queue = v.union(
  [queueText, v.strictObject({ name: v.string(), concurrency: v.optional(concurrency) })],
  "a queue name, or name=concurrency",
);

const workerSchema = v.strictObject({
  queue: v.optional(
    v.pipe(
      v.array(queue),
      v.description(
        'Queues to consume, each as "name" or "name=concurrency"; all queues of the app\'s tasks if not given',
      ),
    ),
  ),
  concurrency: v.optional(
    v.pipe(concurrency, v.description("Most tasks that run at once in each queue that has no number of its own")),
    DEFAULT_CONCURRENCY,
  ),
  shutdownTimeoutMs: v.optional(
    milliseconds(0, "How long running tasks may take to end at a stop before their signal aborts, in milliseconds"),
    30_000,
  ),
  logLevel: v.optional(
    v.pipe(v.picklist(LOG_LEVELS), v.description("Least severe log lines that the command prints")),
    "info",
  ),
  maxDeliveries: v.optional(
    count(1, "Hand-outs without a settlement after which a message becomes a dead letter, as when it kills its worker"),
    5,
  ),
  unknownTaskRetries: v.optional(
    count(0, "How often a message for a task that this app does not have is put back before it becomes a dead letter"),
    10,
  ),
  unknownTaskDelayMs: v.optional(milliseconds(0, "Pause before each of those, in milliseconds"), 30_000),
  deadLetters: v.optional(
    v.pipe(
      v.boolean(),
      v.description("Whether what finally fails is kept in the dead letters; false drops it after logging"),
    ),
    true,
  ),
  timeoutGraceMs: v.optional(
    milliseconds(
      0,
      "How long a task may take to end after its timeout before it counts as timed out anyway, in milliseconds",
    ),
    5_000,
  ),
  lookAhead: v.optional(
    v.pipe(
      v.boolean(),
      v.description(
        "Whether messages are fetched ahead, at most as many as the concurrency, while tasks end faster than a fetch",
      ),
    ),
    true,
  ),
  stallTimeoutMs: v.optional(
    milliseconds(1, "Silence of the broker after which a waiting consumer is torn down and rebuilt, in milliseconds"),
    MAX_SILENCE_MS * 4,
  ),
  recoveryTimeoutMs: v.optional(
    milliseconds(0, "How long a queue may be unusable before the worker gives up, in milliseconds; 0: never"),
    300_000,
  ),
  zombieTimeoutMs: v.optional(
    milliseconds(
      0,
      "How long every slot of a queue may be taken by tasks that ignore their timeout before the worker gives up, in milliseconds; 0: never",
    ),
    60_000,
  ),
});

/** The section `worker` of the config object, and the variables `CHICORY_WORKER_*`. */
export const workerSection: ConfigSection<typeof workerSchema> = {
  path: "worker",
  envPrefix: "CHICORY_WORKER_",
  schema: workerSchema,
};

/** The worker's options as they stand in a config object; every one may be left out. */
export type WorkerConfigOptions = Readonly<SectionOptions<typeof workerSchema>>;

/** The worker's options with every value known. */
export type WorkerConfigValues = Readonly<SectionValues<typeof workerSchema>>;

declare module "@chicory/core" {
  interface WorkerConfig extends WorkerConfigOptions {}
}
