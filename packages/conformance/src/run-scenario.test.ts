import { describe, expect, it } from "@jest/globals";
import { FakeHarness } from "../test/fake-harness.js";
import { runScenario } from "./run-scenario.js";
import { type Scenario, scenarioGroup } from "./scenario.js";
import type { ScenarioContext } from "./scenario-context.js";

function scenario(run: (t: ScenarioContext) => Promise<void>): Scenario {
  const [made] = scenarioGroup("publishing", { "a scenario": run });
  return made!;
}

describe("running a scenario", () => {
  it("closes the drivers that it made", async () => {
    const harness = new FakeHarness();
    const made = scenario(async (t) => {
      t.driver();
      t.driver();
    });
    await runScenario(made, harness);
    expect(harness.closed).toHaveLength(2);
  });

  it("does not close a driver that crashed", async () => {
    const harness = new FakeHarness();
    await runScenario(
      scenario(async (t) => t.crash(t.driver())),
      harness,
    );
    expect(harness.closed).toHaveLength(0);
  });

  it("fails with what went wrong first, and still closes the drivers", async () => {
    const harness = new FakeHarness();
    harness.closeDriver = () => Promise.reject(new Error("cannot close"));
    const failing = scenario(async (t) => {
      t.driver();
      throw new Error("broken promise");
    });
    await expect(runScenario(failing, harness)).rejects.toThrow("broken promise");
    expect(harness.closed).toHaveLength(1);
  });

  it("fails if a driver cannot be closed", async () => {
    const harness = new FakeHarness();
    harness.closeDriver = () => Promise.reject(new Error("cannot close"));
    await expect(
      runScenario(
        scenario(async (t) => void t.driver()),
        harness,
      ),
    ).rejects.toThrow("cannot close");
  });

  it("ends a scenario that hangs, and a driver that hangs when it closes", async () => {
    const harness = new FakeHarness();
    const hanging = new Promise<void>(() => undefined);
    const hangs = runScenario(
      scenario(() => hanging),
      harness,
      { patienceMs: 10 },
    );
    await expect(hangs).rejects.toThrow(/the scenario was not over/);
    harness.closeDriver = () => hanging;
    const closes = runScenario(
      scenario(async (t) => void t.driver()),
      harness,
      { patienceMs: 10 },
    );
    await expect(closes).rejects.toThrow(/closing the drivers was not over/);
  });

  it("gives every scenario a queue of its own", async () => {
    const queues = new Set<string>();
    const noting = scenario(async (t) => void queues.add(t.queue).add(t.queueNamed("other")));
    await runScenario(noting, new FakeHarness());
    await runScenario(noting, new FakeHarness());
    expect(queues.size).toBe(4);
  });

  it("says what the harness lacks", async () => {
    const severing = scenario((t) => t.severConnections());
    await expect(runScenario(severing, new FakeHarness())).rejects.toThrow(/no severConnections/);
    const leasing = scenario(async (t) => void t.leaseMs);
    await expect(runScenario(leasing, new FakeHarness())).rejects.toThrow(/leaseMs/);
  });
});
