import { Queue } from "groupmq";
import type { Redis } from "ioredis";
import { indexOf, type Payload } from "../payload.js";

/**
 * Groups that tasks are spread over. One task of a group runs at a time, and the next one of the same group is fetched
 * with the settlement, so as many groups as tasks may run at once keep every slot busy: ten times as many were a fifth
 * slower, and with a group for each task it drained a third as fast.
 */
const GROUPS = 100;

/**
 * Adds that are sent as one. The library says that those which wait are lost with the process, but an add resolves only
 * once its batch is stored, so what was confirmed is as safe as without. Smaller and larger batches were slower.
 */
const BATCH = { size: 100, maxWaitMs: 5 };

/** Groupmq's queue with what its documentation advises for speed; finished jobs are deleted by default. */
export function openGroupmqQueue(redis: Redis): Queue<Payload> {
  return new Queue<Payload>({ redis, namespace: "bench", autoBatch: BATCH });
}

/** Adds all at once, which is the only way to add many. */
export async function addAll(queue: Queue<Payload>, payloads: readonly Payload[]): Promise<void> {
  await Promise.all(payloads.map((payload) => addOne(queue, payload)));
}

/** Adds a task. */
export function addOne(queue: Queue<Payload>, data: Payload): Promise<unknown> {
  return queue.add({ groupId: `group-${indexOf(data) % GROUPS}`, data });
}
