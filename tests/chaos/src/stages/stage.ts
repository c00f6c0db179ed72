import type {
  RabbitmqCluster,
  RabbitmqServer,
  RedisCluster,
  RedisSentinelGroup,
  RedisServer,
  RedisServerOptions,
  TcpProxy,
} from "@chicory/test-servers";
import type { BrokerSpec } from "./broker-spec.js";

/** What a stage still holds when everybody has left it. */
export interface Leftovers {
  readonly connections: number;
  /** Consumers that a server still keeps a record of, save those of processes that were killed. */
  readonly consumers: number;
  /** Messages in any state, dead letters excepted. */
  readonly messages: number;
  /** Keys of a Redis, or queues of a RabbitMQ: not zero, but no more than a queue has. */
  readonly places: number;
}

/** Servers with room for one run of a scenario. Whoever opens a stage closes it. */
interface StageBase {
  /** Product and version, for the table. */
  readonly version: string;
  /** How workers reach the servers. */
  readonly workersBroker: BrokerSpec;
  /** How producers and operators reach them. */
  readonly producerBroker: BrokerSpec;
  /** In front of the server, one for workers and one for producers, where the scenario asked for them. */
  readonly proxies: { readonly workers: TcpProxy; readonly producers: TcpProxy } | undefined;
  /** How long the deliveries of a worker that fell silent stay its own, in milliseconds. */
  readonly silenceMs: number;
  /** Messages that the broker holds, dead letters excepted, whatever their state. */
  waiting(): Promise<number>;
  /** To be asked when workers and producers are gone. */
  leftovers(): Promise<Leftovers>;
  /** The end of what the servers logged. */
  logs(): Promise<string>;
  close(): Promise<void>;
}

/** One Redis. */
export interface RedisStage extends StageBase {
  readonly name: "redis";
  readonly server: RedisServer;
  /** Gives the server a command as an operator would, past every proxy. */
  command(...args: readonly (string | number)[]): Promise<unknown>;
}

/** One RabbitMQ node. */
export interface RabbitmqStage extends StageBase {
  readonly name: "rabbitmq";
  readonly server: RabbitmqServer;
}

/** Three RabbitMQ nodes. */
export interface RabbitmqClusterStage extends StageBase {
  readonly name: "rabbitmq-cluster";
  readonly cluster: RabbitmqCluster;
  /** Starts a node again that was killed, with the settings that the stage gave it. */
  restart(node: RabbitmqServer): Promise<void>;
}

/** A Redis master with a replica, and three sentinels. What is confirmed is on both. */
export interface RedisSentinelStage extends StageBase {
  readonly name: "redis-sentinel";
  readonly group: RedisSentinelGroup;
}

/** Three Redis masters with a replica each. What is confirmed is on both. */
export interface RedisClusterStage extends StageBase {
  readonly name: "redis-cluster";
  readonly cluster: RedisCluster;
}

/** Where a scenario is played. */
export type Stage = RedisStage | RabbitmqStage | RabbitmqClusterStage | RedisSentinelStage | RedisClusterStage;

/** Name of a kind of stage. */
export type StageName = Stage["name"];

/** Every kind of stage. */
export const STAGE_NAMES = [
  "redis",
  "rabbitmq",
  "rabbitmq-cluster",
  "redis-sentinel",
  "redis-cluster",
] as const satisfies readonly StageName[];

/** Whether a kind of stage is one server, which proxies can stand in front of. */
export function hasOneServer(name: StageName): name is "redis" | "rabbitmq" {
  return name === "redis" || name === "rabbitmq";
}

/** What a scenario asks of its stage. */
export interface StageNeeds {
  /** Whether workers and producers reach the server through a proxy each. Not on a stage of several nodes. */
  readonly proxied?: boolean;
  readonly redis?: RedisServerOptions;
  /** Lines of every node's rabbitmq.conf. */
  readonly rabbitmqConfig?: readonly string[];
  /** Where a single RabbitMQ node keeps its data. */
  readonly rabbitmqDataFolder?: string;
}
