import type { ConfigSchema } from "../config/config-schema.js";
import type { Logger } from "../logging/logger.js";
import type { BrokerDriver } from "./driver.js";

/** What a driver gets from its surroundings besides its own config. */
export interface DriverEnvironment {
  readonly logger: Logger;
}

/**
 * What the entry of a broker package exports, so that its name alone is enough to use it: core imports the package,
 * resolves the config section `broker.<brokerName>` and the variables `CHICORY_BROKER_<BROKERNAME>_*` by
 * `configSchema`, and creates the driver with the result.
 */
export interface BrokerPackage<TConfig = unknown> {
  /** Short name, such as "redis"; also the name of the config section. */
  readonly brokerName: string;
  /** Options, types, defaults and descriptions in one valibot object schema. */
  readonly configSchema: ConfigSchema;
  /** Makes a driver from a parsed config. It opens nothing yet. */
  createDriver(config: TConfig, environment?: DriverEnvironment): BrokerDriver;
}
