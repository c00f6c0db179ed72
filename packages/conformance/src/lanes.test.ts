import { describe, expect, it } from "@jest/globals";
import { Lanes } from "./lanes.js";
import type { Scenario } from "./scenario.js";

/** A scenario that is only a name here. */
function scenario(name: string, needs: Scenario["needs"] = []): Scenario {
  return { group: "publishing", name, needs, run: async () => undefined };
}

const one = scenario("one");
const two = scenario("two");
const three = scenario("three");
const alone = scenario("alone", ["restartServer"]);

/** Runs scenarios until they are told to end, and remembers what happened. */
function stage(scenarios: readonly Scenario[], count: number) {
  const events: string[] = [];
  const ends = new Map<string, (error?: Error) => void>();
  const lanes = new Lanes(scenarios, count, ({ name }) => {
    events.push(name);
    return new Promise((resolve, reject) => {
      ends.set(name, (error) => {
        events.push(`${name} ended`);
        if (error === undefined) resolve();
        else reject(error);
      });
    });
  });
  const turn = () => new Promise(setImmediate);
  return { lanes, events, turn, end: (name: string, error?: Error) => ends.get(name)?.(error) };
}

describe("lanes", () => {
  it("run so many scenarios at a time, and the next when one ends", async () => {
    const { lanes, events, end, turn } = stage([one, two, three], 2);
    const first = lanes.result(one);
    expect(events).toEqual(["one", "two"]);
    end("two");
    await turn();
    expect(events).toEqual(["one", "two", "two ended", "three"]);
    end("one");
    await first;
    await lanes.result(two);
  });

  it("run one that disturbs the others when nothing else runs", async () => {
    const { lanes, events, end, turn } = stage([alone, one, two], 2);
    void lanes.result(one);
    const disturbing = lanes.result(alone);
    end("one");
    await turn();
    expect(events).toEqual(["one", "two", "one ended"]);
    end("two");
    await turn();
    expect(events.at(-1)).toBe("alone");
    end("alone");
    await disturbing;
  });

  it("tell of a failure where its test asks for it", async () => {
    const { lanes, end, turn } = stage([one, two], 2);
    const first = lanes.result(one);
    end("two", new Error("two failed"));
    await turn();
    end("one");
    await first;
    await expect(lanes.result(two)).rejects.toThrow("two failed");
  });
});
