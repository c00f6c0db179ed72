import { describeBrokerConformance } from "@chicory/conformance";
import { RedisHarness } from "./redis-harness.js";
import { sentinelStage } from "./redis-stage.js";

describeBrokerConformance("redis behind sentinel", async () => new RedisHarness(await sentinelStage()), { lanes: 4 });
