import { type DriverEnvironment, resolveSection, silentLogger } from "@chicory/core";
import { type RabbitmqConfig, type RabbitmqOptions, rabbitmqSection } from "./config.js";
import { RabbitmqDriver } from "./rabbitmq-driver.js";

/**
 * A driver for RabbitMQ, for `new Chicory({ broker: rabbitmq({ host }) })`. Options that are not given come from the
 * environment. Throws a `ConfigError` for options that are not acceptable.
 */
export function rabbitmq(options: RabbitmqOptions = {}): RabbitmqDriver {
  return createDriver(resolveSection(rabbitmqSection, { explicit: options }).values);
}

/** Makes a driver from a resolved config. */
export function createDriver(config: RabbitmqConfig, environment?: DriverEnvironment): RabbitmqDriver {
  return new RabbitmqDriver(config, environment?.logger ?? silentLogger);
}
