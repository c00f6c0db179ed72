// For other tests that need a driver which does wrong.

export { DelegatingAdmin, DelegatingConsumer, DelegatingDriver } from "./delegates.js";
export { consuming, type Mutant, publishing } from "./mutant.js";
export { startMutantHarness } from "./mutant-harness.js";
export { mutants } from "./mutants.js";
