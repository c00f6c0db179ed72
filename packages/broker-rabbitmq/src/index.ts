// For users.

export type { RabbitmqOptions } from "./config.js";
export { rabbitmq } from "./rabbitmq.js";

// For whatever loads brokers by name.

export { brokerName, configSchema, type RabbitmqConfig } from "./config.js";
export { createDriver } from "./rabbitmq.js";
export { RabbitmqDriver } from "./rabbitmq-driver.js";
