import { describeBrokerConformance } from "@chicory/conformance";
import { RedisHarness } from "./redis-harness.js";
import { singleStage } from "./redis-stage.js";

describeBrokerConformance("redis", async () => new RedisHarness(await singleStage()), { lanes: 4 });
