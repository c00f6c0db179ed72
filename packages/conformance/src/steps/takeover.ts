import type { ScenarioContext } from "../scenario-context.js";
import { SLACK_MS } from "./receive.js";

/** A dead worker's deliveries are taken over within so many leases. */
const LEASES_TO_TAKEOVER = 2;

/** Broker time within which the deliveries of a crashed consumer must have reached a live one, in milliseconds. */
export function takeoverMs({ harness }: ScenarioContext): number {
  return LEASES_TO_TAKEOVER * (harness.leaseMs ?? 0) + SLACK_MS;
}
