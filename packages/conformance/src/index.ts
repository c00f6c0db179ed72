export { type ConformanceOptions, describeBrokerConformance } from "./describe-broker-conformance.js";
export type { BrokerHarness, HarnessAbility, HarnessDriverOptions, StartHarness } from "./harness.js";
export { DEFAULT_PATIENCE_MS, type RunScenarioOptions, runScenario } from "./run-scenario.js";
export { SCENARIO_GROUPS, type Scenario, type ScenarioGroup } from "./scenario.js";
export { type MessageFields, type ScenarioConsumerOptions, ScenarioContext } from "./scenario-context.js";
export { scenarios } from "./scenarios.js";
