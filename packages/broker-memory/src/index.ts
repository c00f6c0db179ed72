// For users.

export { type DrainOptions, drain } from "./drain.js";
export type { DrainSummary } from "./drainer.js";
export { type MemoryOptions, memory } from "./memory.js";
export { VirtualClock } from "./virtual-clock.js";

// For tests with several processes, and for whatever loads brokers by name.

export type { Activity, Cancel, Clock } from "./clock.js";
export { configSchema, type MemoryConfig, type MemoryConfigOptions } from "./config.js";
export { brokerName, createDriver } from "./memory.js";
export { MemoryDriver } from "./memory-driver.js";
export { MemoryServer, type MemoryServerOptions, type Settled } from "./memory-server.js";
export type { Session } from "./session.js";
export type { Lease, StoredMessage } from "./stored-message.js";
