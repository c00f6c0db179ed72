import type { HarnessAbility } from "./harness.js";
import type { ScenarioContext } from "./scenario-context.js";

/** The parts of the contract, each in a file of its own. */
export const SCENARIO_GROUPS = [
  "publishing",
  "receiving",
  "settling",
  "redelivery",
  "retrying",
  "delaying",
  "dead-lettering",
  "priorities",
  "capabilities",
  "leases",
  "lifecycle",
  "reconnecting",
  "administration",
  "concurrency",
] as const;

export type ScenarioGroup = (typeof SCENARIO_GROUPS)[number];

/**
 * One behaviour that every driver must show, as data, so that single scenarios can be run against single drivers. The
 * name is a sentence and unique in the suite. A capability that a driver lacks does not skip a scenario: it then
 * asserts the refusal.
 */
export interface Scenario {
  readonly group: ScenarioGroup;
  readonly name: string;
  /** What the harness must be able to do for it. */
  readonly needs: readonly HarnessAbility[];
  /** Rejects with an error that says what was expected and what happened instead. */
  run(context: ScenarioContext): Promise<void>;
}

type Run = (context: ScenarioContext) => Promise<void>;

/** Scenarios of one group from their names; those with needs are given as an object. */
export function scenarioGroup(
  group: ScenarioGroup,
  entries: Readonly<Record<string, Run | { readonly needs: readonly HarnessAbility[]; readonly run: Run }>>,
): readonly Scenario[] {
  return Object.entries(entries).map(([name, entry]) =>
    typeof entry === "function" ? { group, name, needs: [], run: entry } : { group, name, ...entry },
  );
}
