import type { BrokerHarness } from "./harness.js";
import type { Scenario } from "./scenario.js";
import { ScenarioContext } from "./scenario-context.js";
import { within } from "./steps/eventually.js";

/**
 * Longest wait for something that should happen at once, in milliseconds of real time. Only a failing scenario waits
 * this long, so it is generous towards a machine that is busy with other things.
 */
export const DEFAULT_PATIENCE_MS = 20_000;

/** A scenario waits patiently for several things, one after the other; after this many patiences it hangs. */
const PATIENCES_PER_SCENARIO = 5;

/** How one scenario is run. */
export interface RunScenarioOptions {
  /** {@link DEFAULT_PATIENCE_MS} if not given. */
  readonly patienceMs?: number;
}

/** Runs one scenario against a broker, and closes what it opened. Rejects if the driver does not behave as it says. */
export async function runScenario(
  scenario: Scenario,
  harness: BrokerHarness,
  options: RunScenarioOptions = {},
): Promise<void> {
  const { patienceMs = DEFAULT_PATIENCE_MS } = options;
  const context = new ScenarioContext(harness, patienceMs);
  const close = (): Promise<void> => within(patienceMs, "closing the drivers", context.close());
  try {
    await within(PATIENCES_PER_SCENARIO * patienceMs, "the scenario", scenario.run(context));
  } catch (error) {
    // The reason for the failure matters more than that the broken driver could not be closed either.
    await close().catch(() => undefined);
    throw error;
  }
  await close();
}
