import { type RabbitmqOptions, rabbitmq } from "@chicory/broker-rabbitmq";
import { type RedisOptions, redis } from "@chicory/broker-redis";
import type { BrokerDriver } from "@chicory/core";

/** How a process reaches the broker, as JSON on its command line. */
export type BrokerSpec =
  | { readonly type: "redis"; readonly options: RedisOptions }
  | { readonly type: "rabbitmq"; readonly options: RabbitmqOptions };

/** Makes the driver that is meant; it connects to nothing yet. */
export function driverOf(spec: BrokerSpec): BrokerDriver {
  switch (spec.type) {
    case "redis":
      return redis(spec.options);
    case "rabbitmq":
      return rabbitmq(spec.options);
  }
}
