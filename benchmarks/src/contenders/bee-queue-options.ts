import type { QueueSettings } from "bee-queue";
import { type Round, redisOf } from "../workload.js";

/** Name of the queue. */
export const QUEUE = "bench";

/**
 * What bee-queue's documentation advises for speed: no job events, no jobs kept in the process. Finished jobs are
 * deleted, as every other contender does.
 */
export function beeQueueOptions(round: Round, isWorker: boolean): QueueSettings {
  return {
    redis: { ...redisOf(round) },
    isWorker,
    getEvents: false,
    sendEvents: false,
    storeJobs: false,
    removeOnSuccess: true,
  };
}
