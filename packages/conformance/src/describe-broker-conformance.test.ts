import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { FakeHarness } from "../test/fake-harness.js";
import { describeBrokerConformance } from "./describe-broker-conformance.js";
import { scenarios } from "./scenarios.js";

type Body = () => unknown;

const NAMES = ["describe", "it", "beforeAll", "afterAll", "before", "after"];
const originals = new Map<string, unknown>();

/** Stands in for a test runner, and remembers what it is told. */
class FakeRunner {
  readonly tests: { readonly name: string; readonly body: Body }[] = [];
  readonly skipped: string[] = [];
  readonly before: Body[] = [];
  readonly after: Body[] = [];

  install(names: { readonly before: string; readonly after: string }): void {
    const it = (name: string, body: Body): void => void this.tests.push({ name, body });
    it.skip = (name: string): void => void this.skipped.push(name);
    Reflect.set(globalThis, "describe", (_name: string, body: Body) => body());
    Reflect.set(globalThis, "it", it);
    Reflect.set(globalThis, names.before, (body: Body) => this.before.push(body));
    Reflect.set(globalThis, names.after, (body: Body) => this.after.push(body));
  }
}

beforeEach(() => {
  for (const name of NAMES) {
    originals.set(name, Reflect.get(globalThis, name));
    Reflect.deleteProperty(globalThis, name);
  }
});

afterEach(() => {
  for (const name of NAMES) Reflect.set(globalThis, name, originals.get(name));
});

describe("declaring the suite", () => {
  it("makes one test of every scenario, around one harness", async () => {
    const runner = new FakeRunner();
    runner.install({ before: "beforeAll", after: "afterAll" });
    const harness = new FakeHarness();
    let started = 0;
    describeBrokerConformance("fake", async () => {
      started += 1;
      return harness;
    });
    expect(runner.tests.map(({ name }) => name).sort()).toEqual(scenarios.map(({ name }) => name).sort());
    expect(runner.skipped).toEqual([]);
    expect(started).toBe(0);
    await runner.before[0]?.();
    expect(started).toBe(1);
    const test = runner.tests.find(({ name }) => name === "a driver that was never used can be closed");
    await test?.body();
    expect(new Set(harness.closed).size).toBe(1);
    await runner.after[0]?.();
    expect(harness.isClosed).toBe(true);
  });

  it("works with the names that mocha gives its hooks", () => {
    const runner = new FakeRunner();
    runner.install({ before: "before", after: "after" });
    describeBrokerConformance("fake", async () => new FakeHarness());
    expect(runner.before).toHaveLength(1);
    expect(runner.tests).toHaveLength(scenarios.length);
  });

  it("shows what the harness cannot do as skipped, and says why", () => {
    const runner = new FakeRunner();
    runner.install({ before: "beforeAll", after: "afterAll" });
    describeBrokerConformance("fake", async () => new FakeHarness(), { without: ["restartServer", "isolate"] });
    const needing = scenarios.filter(({ needs }) => needs.includes("restartServer") || needs.includes("isolate"));
    expect(runner.skipped).toHaveLength(needing.length);
    expect(runner.skipped.every((name) => /the harness has no (restartServer|isolate)/.test(name))).toBe(true);
    expect(runner.tests).toHaveLength(scenarios.length - needing.length);
  });

  it("says what is missing outside of a test runner", () => {
    expect(() => describeBrokerConformance("fake", async () => new FakeHarness())).toThrow(/no global describe/);
  });
});
