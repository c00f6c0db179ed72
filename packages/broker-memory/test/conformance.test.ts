import { describeBrokerConformance } from "@chicory/conformance";
import { startMemoryHarness } from "./memory-harness.js";

describeBrokerConformance("memory", () => startMemoryHarness());

// The same contract under other interleavings of the same calls.
for (const seed of [1, 2, 3]) {
  describeBrokerConformance(`memory, seed ${seed}`, () => startMemoryHarness(seed));
}
