import type { TcpProxy } from "@chicory/test-servers";
import type { RabbitmqClusterStage, RabbitmqStage, RedisClusterStage, RedisStage, Stage, StageName } from "./stage.js";

/** The Redis that a scenario for Redis alone is played on. */
export function redisOf(stage: Stage): RedisStage {
  if (stage.name !== "redis") throw wrongStage(stage, "redis");
  return stage;
}

/** The RabbitMQ node that a scenario for one node alone is played on. */
export function rabbitmqOf(stage: Stage): RabbitmqStage {
  if (stage.name !== "rabbitmq") throw wrongStage(stage, "rabbitmq");
  return stage;
}

/** The RabbitMQ cluster that a scenario for several nodes is played on. */
export function clusterOf(stage: Stage): RabbitmqClusterStage {
  if (stage.name !== "rabbitmq-cluster") throw wrongStage(stage, "rabbitmq-cluster");
  return stage;
}

/** The Redis Cluster that a scenario for one alone is played on. */
export function redisClusterOf(stage: Stage): RedisClusterStage {
  if (stage.name !== "redis-cluster") throw wrongStage(stage, "redis-cluster");
  return stage;
}

/** The one server of a stage that has one. */
export function serverOf(stage: Stage) {
  if (!("server" in stage)) throw wrongStage(stage, "redis");
  return stage.server;
}

/** The proxies of a stage that a scenario asked to be proxied. */
export function proxiesOf(stage: Stage): { readonly workers: TcpProxy; readonly producers: TcpProxy } {
  if (stage.proxies === undefined) throw new Error(`The stage ${stage.name} has no proxies: ask for them in needs`);
  return stage.proxies;
}

function wrongStage(stage: Stage, wanted: StageName): Error {
  return new Error(`This fault needs ${wanted}, and the stage is ${stage.name}: name it in the scenario's stages`);
}
