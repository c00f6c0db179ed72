import type { Scenario } from "./scenario.js";
import { publishing } from "./scenarios/publishing.js";
import { publishingOnce } from "./scenarios/publishing-once.js";
import { receiving } from "./scenarios/receiving.js";
import { settling } from "./scenarios/settling.js";

/** The whole contract of a broker driver. */
export const scenarios: readonly Scenario[] = [...publishing, ...publishingOnce, ...receiving, ...settling];
