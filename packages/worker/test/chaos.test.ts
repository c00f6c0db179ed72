import { MemoryServer, memory, VirtualClock } from "@chicory/broker-memory";
import { Chicory, ConnectionError, DeliveryMode, SettlementError } from "@chicory/core";
import { eventually } from "@chicory/test-servers";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { Worker } from "../src/index.js";
import { FaultyDriver } from "./faulty-driver.js";

/** Tasks of each mode. */
const TASKS = 40;

/** Calls of each kind after which the broker is well again. */
const FAULTY_CALLS = 12;

/** Lets receives and settlements fail: before they are carried out, after it, or in part. */
function makeFaulty(driver: FaultyDriver, choices: readonly number[]): void {
  let call = 0;
  const next = (): number => {
    call += 1;
    return call > FAULTY_CALLS ? 0 : (choices[call % choices.length] ?? 0);
  };
  driver.faults.receive = async (_max, _signal, pass) => {
    if (next() === 1) throw new ConnectionError("gone");
    return pass();
  };
  driver.faults.settle = async (settlements, pass) => {
    const half = settlements.filter((_, index) => index % 2 === 0);
    switch (next()) {
      case 1:
        throw new SettlementError(settlements, new ConnectionError("gone before"));
      case 2:
        await pass();
        throw new SettlementError(settlements, new ConnectionError("gone after"));
      case 3: {
        const { lost } = await pass(half);
        const others = settlements.filter((settlement) => !half.includes(settlement));
        if (others.length === 0) return { lost };
        throw new SettlementError(others, new ConnectionError("gone in between"), lost);
      }
      default:
        return pass();
    }
  };
}

describe("two workers whose broker keeps failing", () => {
  it("run every task at least once, or at most once, as was asked, and leave nothing behind", async () => {
    const choices = fc.array(fc.nat(3), { minLength: 3, maxLength: FAULTY_CALLS });
    await fc.assert(
      fc.asyncProperty(fc.nat(1_000_000), choices, choices, async (seed, first, second) => {
        const server = new MemoryServer({ clock: new VirtualClock(), seed });
        const runs = new Map<string, number>();
        const apps = [first, second].map((faults) => {
          const driver = new FaultyDriver(memory({ server }));
          makeFaulty(driver, faults);
          const app = new Chicory({ broker: driver });
          const run = async (_: undefined, { id }: { id: string }) => {
            runs.set(id, (runs.get(id) ?? 0) + 1);
            await new Promise((resolve) => setImmediate(resolve));
          };
          const again = app.task("again", { queue: "q" }, run);
          const once = app.task("once", { queue: "q", deliveryMode: DeliveryMode.AT_MOST_ONCE }, run);
          return { app, again, once, worker: new Worker(app, { concurrency: 7 }) };
        });
        const [producer] = apps;
        const inputs = Array(TASKS).fill(undefined);
        const sent = (await producer?.again.sendMany(inputs)) ?? [];
        const sentOnce = (await producer?.once.sendMany(inputs)) ?? [];
        await Promise.all(apps.map(({ worker }) => worker.start()));
        await eventually(async () => {
          const { ready, delayed, inFlight } = await producer!.app.broker.depth("q");
          return ready + (delayed ?? 0) + (inFlight ?? 0) === 0;
        });
        await eventually(() => apps.every(({ worker }) => worker.stats().settling === 0));
        for (const { id } of sent) expect(runs.get(id) ?? 0).toBeGreaterThanOrEqual(1);
        for (const { id } of sentOnce) expect(runs.get(id) ?? 0).toBeLessThanOrEqual(1);
        await Promise.all(apps.map(({ worker }) => worker.stop()));
        await Promise.all(apps.map(({ app }) => app.close()));
      }),
      { numRuns: 6, endOnFailure: true },
    );
  }, 120_000);
});
