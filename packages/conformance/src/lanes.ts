import type { HarnessAbility } from "./harness.js";
import type { Scenario } from "./scenario.js";

/** How far ahead of the test that is reported scenarios are begun, so that a filter runs few that nobody asked for. */
const AHEAD = 24;

/** What a scenario does to the drivers of all others. */
const DISTURBING: ReadonlySet<HarnessAbility> = new Set(["severConnections", "restartServer"]);

/**
 * Runs scenarios ahead of the tests that report them, several at a time: most of them wait most of the time. One that
 * disturbs the others runs alone.
 */
export class Lanes {
  readonly #scenarios: readonly Scenario[];
  readonly #lanes: number;
  readonly #run: (scenario: Scenario) => Promise<void>;
  readonly #results = new Map<Scenario, Promise<void>>();
  readonly #running = new Set<Promise<unknown>>();
  #reported = 0;
  #alone = false;

  /** The scenarios in the order of their tests. */
  constructor(scenarios: readonly Scenario[], lanes: number, run: (scenario: Scenario) => Promise<void>) {
    this.#scenarios = scenarios;
    this.#lanes = lanes;
    this.#run = run;
  }

  /** The result of one scenario, which is begun at the latest now. The tests ask one after the other. */
  async result(scenario: Scenario): Promise<void> {
    this.#reported = this.#scenarios.indexOf(scenario);
    if (disturbs(scenario)) {
      await this.#runAlone(scenario);
      return;
    }
    const result = this.#begin(scenario);
    this.#fill();
    await result;
  }

  async #runAlone(scenario: Scenario): Promise<void> {
    this.#alone = true;
    try {
      await Promise.all(this.#running);
      await this.#run(scenario);
    } finally {
      this.#alone = false;
    }
  }

  #begin(scenario: Scenario): Promise<void> {
    const known = this.#results.get(scenario);
    if (known !== undefined) return known;
    const result = this.#run(scenario);
    this.#results.set(scenario, result);
    // Its test will tell of a failure.
    const ended = result
      .catch(() => undefined)
      .then(() => {
        this.#running.delete(ended);
        this.#fill();
      });
    this.#running.add(ended);
    return result;
  }

  #fill(): void {
    if (this.#alone) return;
    for (const scenario of this.#scenarios.slice(this.#reported, this.#reported + AHEAD)) {
      if (this.#running.size >= this.#lanes) return;
      if (!disturbs(scenario)) void this.#begin(scenario);
    }
  }
}

function disturbs({ needs }: Scenario): boolean {
  return needs.some((need) => DISTURBING.has(need));
}
