import { brokerSection, ConfigError, type DriverEnvironment, resolveSection } from "@chicory/core";
import type { Clock } from "./clock.js";
import { configSchema, type MemoryConfig, type MemoryConfigOptions } from "./config.js";
import { MemoryDriver } from "./memory-driver.js";
import { MemoryServer } from "./memory-server.js";

/** Short name of this broker. */
export const brokerName = "memory";

/** Options of {@link memory}: those of the config section, and objects that config cannot carry. */
export interface MemoryOptions extends MemoryConfigOptions {
  /** A server that other drivers use as well; one of its own if not given. Brings its own clock and seed. */
  readonly server?: MemoryServer;
  /** Default: the time of the machine. */
  readonly clock?: Clock;
}

/**
 * A driver of the embedded broker, for `new Chicory({ broker: memory() })`: producer and worker run in this process,
 * and what is stored ends with it. Options that are not given come from the environment. Throws a `ConfigError` for
 * options that are not acceptable.
 */
export function memory(options: MemoryOptions = {}): MemoryDriver {
  const { server, clock, ...explicit } = options;
  if (server !== undefined && (clock !== undefined || explicit.seed !== undefined)) {
    throw new ConfigError("memory() was given a server besides a clock or a seed: give those to the server instead");
  }
  const config = resolveSection(brokerSection(brokerName, configSchema), { explicit }).values;
  return new MemoryDriver(server ?? newServer(config, clock), config);
}

/** Makes a driver from a resolved config, with a server of its own. */
export function createDriver(config: MemoryConfig, environment?: DriverEnvironment): MemoryDriver {
  if (config.seed !== undefined) {
    environment?.logger.info({ seed: config.seed }, "The embedded broker plays calls in the order of this seed");
  }
  return new MemoryDriver(newServer(config, undefined), config);
}

function newServer({ seed }: MemoryConfig, clock: Clock | undefined): MemoryServer {
  return new MemoryServer({ ...(clock === undefined ? {} : { clock }), ...(seed === undefined ? {} : { seed }) });
}
