import { redis } from "@chicory/broker-redis";
import { redisOf } from "../workload.js";
import { openAppRelay } from "./app-relay.js";
import type { OpenRelay } from "./relay.js";

/** Chicory on Redis. */
export const openChicoryRelay: OpenRelay = (round, task, options) =>
  openAppRelay(redis({ ...redisOf(round) }), task, options);

/** The same with keys of its own, for contenders whose queues are there at the same time. */
export const openChicoryRelayOf =
  (keyPrefix: string): OpenRelay =>
  (round, task, options) =>
    openAppRelay(redis({ ...redisOf(round), keyPrefix }), task, options);
