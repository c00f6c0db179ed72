import type { DefaultJobOptions } from "bullmq";

/** Name of the queue. */
export const QUEUE = "bench";

/** A finished job is deleted, as every other contender does; BullMQ would keep it. */
export const JOB_OPTIONS: DefaultJobOptions = { removeOnComplete: true };
