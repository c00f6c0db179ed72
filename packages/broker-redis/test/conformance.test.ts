import { describeBrokerConformance } from "@chicory/conformance";
import { RedisHarness } from "./redis-harness.js";

describeBrokerConformance("redis", () => RedisHarness.start());
