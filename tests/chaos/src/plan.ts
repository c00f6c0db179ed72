import { type Scenario, TIERS, type Tier, tierOf } from "./scenario.js";
import { scenarios } from "./scenarios/index.js";
import { STAGE_NAMES, type StageName } from "./stages/stage.js";

/** A scenario on a stage. */
export interface PlannedRun {
  readonly scenario: Scenario;
  readonly stage: StageName;
}

/** Which runs are wanted. */
export interface PlanOptions {
  readonly tier: Tier;
  /** Names of scenarios; with any given, the tier does not matter. */
  readonly only: readonly string[];
  readonly stages: readonly string[];
}

/** The runs that are wanted, by stage. Throws with the names that exist if one does not. */
export function plan({ tier, only, stages }: PlanOptions): readonly PlannedRun[] {
  const names = scenarios.map(({ name }) => name);
  const strangers = [...only.filter((name) => !names.includes(name)), ...stages.filter((name) => !isStage(name))];
  if (strangers.length > 0) {
    throw new Error(
      `There is no ${strangers.join(", ")}. Scenarios: ${names.join(", ")}. Stages: ${STAGE_NAMES.join(", ")}.`,
    );
  }
  return STAGE_NAMES.filter((stage) => stages.length === 0 || stages.includes(stage)).flatMap((stage) =>
    scenarios
      .filter((scenario) => scenario.stages.includes(stage))
      .filter((scenario) => (only.length > 0 ? only.includes(scenario.name) : isWithin(tierOf(scenario, stage), tier)))
      .map((scenario) => ({ scenario, stage })),
  );
}

function isStage(name: string): name is StageName {
  return STAGE_NAMES.some((stage) => stage === name);
}

function isWithin(own: Tier, wanted: Tier): boolean {
  return TIERS.indexOf(own) <= TIERS.indexOf(wanted);
}
