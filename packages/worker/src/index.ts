export type { Counts } from "./counters.js";
export { MAX_CONCURRENCY, parseQueueSpec, type QueueSpec } from "./queue-spec.js";
export { type StopOptions, Worker } from "./worker.js";
export { LOG_LEVELS, type WorkerConfigOptions, type WorkerConfigValues, workerSection } from "./worker-config.js";
export type { DeliveryEvent, EndedTaskEvent, TaskEvent, WorkerEvents } from "./worker-events.js";
export type { WorkerOptions } from "./worker-options.js";
export type { QueueHealth, QueueStats, WorkerHealth, WorkerState, WorkerStats } from "./worker-stats.js";
