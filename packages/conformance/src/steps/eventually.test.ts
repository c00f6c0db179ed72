import { describe, expect, it } from "@jest/globals";
import { FakeHarness } from "../../test/fake-harness.js";
import { ScenarioContext } from "../scenario-context.js";
import { elapseUntil, eventually, promptly, turns } from "./eventually.js";

const context = (patienceMs = 50): ScenarioContext => new ScenarioContext(new FakeHarness(), patienceMs);

/** For what comes soon, on a busy machine too. */
const LONG_MS = 20_000;

describe("waiting", () => {
  it("repeats a check until it holds", async () => {
    let tries = 0;
    const value = await eventually(context(LONG_MS), () => {
      tries += 1;
      if (tries < 3) throw new Error("not yet");
      return "done";
    });
    expect(value).toBe("done");
  });

  it("fails with the last reason when patience is over", async () => {
    await expect(eventually(context(), () => Promise.reject(new Error("never")))).rejects.toThrow("never");
  });

  it("lets broker time pass until a check holds, and no further", async () => {
    const t = context();
    expect(await elapseUntil(t, () => t.harness.now() === 30, 1_000, 10)).toBe(true);
    expect(t.harness.now()).toBe(30);
  });

  it("lets no more broker time pass than it may", async () => {
    const t = context();
    expect(await elapseUntil(t, () => false, 100, 10)).toBe(false);
    expect(t.harness.now()).toBe(100);
  });

  it("ends what is not over in time, by name", async () => {
    await expect(promptly(context(), "the thing", new Promise(() => undefined))).rejects.toThrow(/the thing/);
    expect(await promptly(context(LONG_MS), "the thing", Promise.resolve(1))).toBe(1);
  });

  it("lets at least one turn pass", async () => {
    let turned = false;
    setImmediate(() => {
      turned = true;
    });
    await turns(context(), () => true);
    expect(turned).toBe(true);
  });
});
