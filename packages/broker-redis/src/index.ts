// For users.
export type { RedisConfig, RedisOptions } from "./config.js";
// For core: what makes this package a broker.
export { brokerName, configSchema } from "./config.js";
export { createDriver, redis } from "./redis.js";
