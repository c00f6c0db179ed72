import type { Scenario } from "./scenario.js";
import { administration } from "./scenarios/administration.js";
import { capabilities } from "./scenarios/capabilities.js";
import { concurrency } from "./scenarios/concurrency.js";
import { deadLettering } from "./scenarios/dead-lettering.js";
import { delaying } from "./scenarios/delaying.js";
import { leases } from "./scenarios/leases.js";
import { lifecycle } from "./scenarios/lifecycle.js";
import { priorities } from "./scenarios/priorities.js";
import { publishing } from "./scenarios/publishing.js";
import { publishingOnce } from "./scenarios/publishing-once.js";
import { receiving } from "./scenarios/receiving.js";
import { reconnecting } from "./scenarios/reconnecting.js";
import { redelivery } from "./scenarios/redelivery.js";
import { replaying } from "./scenarios/replaying.js";
import { retrying } from "./scenarios/retrying.js";
import { settling } from "./scenarios/settling.js";

/** The whole contract of a broker driver. */
export const scenarios: readonly Scenario[] = [
  ...publishing,
  ...publishingOnce,
  ...receiving,
  ...settling,
  ...redelivery,
  ...retrying,
  ...delaying,
  ...deadLettering,
  ...replaying,
  ...priorities,
  ...capabilities,
  ...leases,
  ...lifecycle,
  ...reconnecting,
  ...administration,
  ...concurrency,
];
