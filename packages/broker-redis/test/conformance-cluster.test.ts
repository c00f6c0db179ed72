import { describeBrokerConformance } from "@chicory/conformance";
import { RedisHarness } from "./redis-harness.js";
import { clusterStage } from "./redis-stage.js";

describeBrokerConformance("redis cluster", async () => new RedisHarness(await clusterStage()), { lanes: 4 });
