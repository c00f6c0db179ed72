import { openRabbitmqClusterStage, openRabbitmqStage } from "./rabbitmq-stage.js";
import { openRedisClusterStage, openRedisSentinelStage } from "./redis-group-stage.js";
import { openRedisStage } from "./redis-stage.js";
import type { Stage, StageName, StageNeeds } from "./stage.js";

/** Starts the servers of a stage. */
export function openStage(name: StageName, needs: StageNeeds): Promise<Stage> {
  switch (name) {
    case "redis":
      return openRedisStage(needs);
    case "rabbitmq":
      return openRabbitmqStage(needs);
    case "rabbitmq-cluster":
      return openRabbitmqClusterStage(needs);
    case "redis-sentinel":
      return openRedisSentinelStage();
    case "redis-cluster":
      return openRedisClusterStage();
  }
}
