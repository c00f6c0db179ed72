/** What Chicory is made of, by broker: the versions that belong to a result. */
export const CHICORY_REDIS = ["@chicory/core", "@chicory/broker-redis", "@chicory/worker"] as const;
export const CHICORY_RABBITMQ = ["@chicory/core", "@chicory/broker-rabbitmq", "@chicory/worker"] as const;
