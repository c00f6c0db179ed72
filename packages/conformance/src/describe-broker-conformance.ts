import type { BrokerHarness, HarnessAbility, StartHarness } from "./harness.js";
import { Lanes } from "./lanes.js";
import { runScenario } from "./run-scenario.js";
import { SCENARIO_GROUPS, type Scenario } from "./scenario.js";
import { scenarios } from "./scenarios.js";
import { globalTestRunner } from "./test-runner.js";

/** More than a scenario grants itself, so that its own error comes first. */
const SCENARIO_TIMEOUT_MS = 150_000;

/** Starting may mean to fetch a server's image. */
const START_TIMEOUT_MS = 300_000;

/** What the suite is told about a harness before it starts. */
export interface ConformanceOptions {
  /** What the harness cannot do; scenarios that need it are shown as skipped. */
  readonly without?: readonly HarnessAbility[];
  /**
   * How many scenarios run at a time, apart from those that cut connections or restart the server. 1 if not given; more
   * make a suite quick that waits a lot, on a harness whose drivers do not disturb each other.
   */
  readonly lanes?: number;
}

/**
 * Declares the contract of a broker driver as tests, one for each scenario, with the globals of the test runner at
 * hand (jest, vitest with globals, mocha). Call it at the top of a test file. The broker is started once.
 */
export function describeBrokerConformance(
  name: string,
  startHarness: StartHarness,
  options: ConformanceOptions = {},
): void {
  const runner = globalTestRunner();
  const { without = [], lanes: laneCount = 1 } = options;

  runner.describe(`broker conformance: ${name}`, () => {
    let harness: BrokerHarness | undefined;
    runner.beforeAll(async () => {
      harness = await startHarness();
    }, START_TIMEOUT_MS);
    runner.afterAll(async () => {
      await harness?.close();
    }, START_TIMEOUT_MS);

    const canRun = ({ needs }: Scenario) => !needs.some((ability) => without.includes(ability));
    const inOrder = SCENARIO_GROUPS.flatMap((group) => scenarios.filter((candidate) => candidate.group === group));
    const lanes = new Lanes(inOrder.filter(canRun), laneCount, async (scenario) => {
      if (harness === undefined) throw new Error("the harness did not start");
      await runScenario(scenario, harness);
    });

    for (const group of SCENARIO_GROUPS) {
      runner.describe(group, () => {
        for (const scenario of inOrder.filter((candidate) => candidate.group === group)) {
          const missing = scenario.needs.filter((ability) => without.includes(ability));
          if (missing.length > 0) {
            runner.skip(`${scenario.name} (the harness has no ${missing.join(", ")})`);
            continue;
          }
          runner.it(scenario.name, () => lanes.result(scenario), SCENARIO_TIMEOUT_MS);
        }
      });
    }
  });
}
