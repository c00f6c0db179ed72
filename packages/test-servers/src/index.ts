export { type Certificate, type CertificateKind, type Certificates, createCertificates } from "./certificates.js";
export { type EventuallyOptions, eventually } from "./eventually.js";
export { freePort } from "./free-port.js";
export type { ControlledServer, RestartOptions, ServerSource } from "./managed-server.js";
export { type RabbitmqServer, type RabbitmqServerOptions, startRabbitmq } from "./rabbitmq.js";
export {
  canStartRabbitmqCluster,
  type RabbitmqCluster,
  type RabbitmqClusterOptions,
  startRabbitmqCluster,
} from "./rabbitmq-cluster.js";
export { type RedisServer, startRedis } from "./redis.js";
export { type RedisCluster, startRedisCluster } from "./redis-cluster.js";
export type { RedisServerOptions } from "./redis-config.js";
export type { RedisGroupOptions, RedisNode } from "./redis-node.js";
export { type RedisSentinelGroup, type RedisSentinelOptions, startRedisSentinel } from "./redis-sentinel.js";
export { canStepClocks, createSteppedClock, type SteppedClock } from "./stepped-clock.js";
export { type FlowDirection, startTcpProxy, type TcpProxy } from "./tcp-proxy.js";
export { TestServerError } from "./test-server-error.js";
