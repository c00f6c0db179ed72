import { redis } from "@chicory/broker-redis";
import { redisOf } from "../workload.js";
import { openAppDrainer } from "./app-drainer.js";
import type { OpenDrainer } from "./drainer.js";

/** Chicory on Redis. */
export const openChicoryDrainer =
  (concurrency?: number): OpenDrainer =>
  (round, task) =>
    openAppDrainer(redis({ ...redisOf(round) }), task, concurrency);
