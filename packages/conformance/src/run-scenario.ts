import type { BrokerHarness } from "./harness.js";
import type { Scenario } from "./scenario.js";
import { ScenarioContext } from "./scenario-context.js";

/**
 * Longest wait for something that should happen at once, in milliseconds of real time. Only a failing scenario waits
 * this long, so it is generous towards a machine that is busy with other things.
 */
export const DEFAULT_PATIENCE_MS = 20_000;

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
  const context = new ScenarioContext(harness, options.patienceMs ?? DEFAULT_PATIENCE_MS);
  try {
    await scenario.run(context);
  } catch (error) {
    // The reason for the failure matters more than that the broken driver could not be closed either.
    await context.close().catch(() => undefined);
    throw error;
  }
  await context.close();
}
