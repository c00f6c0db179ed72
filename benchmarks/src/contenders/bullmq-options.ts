import type { DefaultJobOptions } from "bullmq";

/** Name of the queue. */
export const QUEUE = "bench";

/**
 * A finished job is deleted, as every other contender does; BullMQ would keep it. Nothing else differs from the
 * defaults: the client's automatic pipelining, its older protocol, and workers that check no stalled jobs and renew no
 * locks were tried, and none was faster beyond the noise.
 */
export const JOB_OPTIONS: DefaultJobOptions = { removeOnComplete: true };
