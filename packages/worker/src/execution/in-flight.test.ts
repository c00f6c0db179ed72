import { type Delivery, silentLogger } from "@chicory/core";
import { eventually } from "@chicory/test-servers";
import { describe, expect, it } from "@jest/globals";
import { delivery } from "../../test/deliveries.js";
import { Emitter } from "../emitter.js";
import { Reporter } from "../reporter.js";
import type { WorkerEvents } from "../worker-events.js";
import { AtMostOnceGate } from "./at-most-once-gate.js";
import { InFlight } from "./in-flight.js";
import type { Outcome } from "./outcome.js";
import type { SettlementWriter } from "./settlement-writer.js";

function setUp() {
  const events = new Emitter<WorkerEvents>(silentLogger);
  const added: Outcome[] = [];
  const writer = {
    add: (outcome: Outcome) => void added.push(outcome),
  } as Partial<SettlementWriter> as SettlementWriter;
  const nothing = () => undefined;
  const gate = new AtMostOnceGate({
    settle: () => Promise.resolve({ lost: [] }),
    onTaken: nothing,
    onRefused: nothing,
    onLost: nothing,
    onUnknown: nothing,
    onError: nothing,
    onProgress: nothing,
  });
  const reporter = new Reporter("q", events, silentLogger);
  const inFlight = new InFlight(reporter, nothing);
  inFlight.use({ writer, gate });
  const requeued = (): readonly Delivery[] => added.map(({ settlement }) => settlement.delivery);
  return { inFlight, requeued, reporter };
}

describe("what is in flight", () => {
  it("goes back to the broker if it waits for too long", async () => {
    const { inFlight, requeued } = setUp();
    const old = [delivery(), delivery()];
    inFlight.add(old);
    expect(inFlight.returnWaitingLongerThan(60_000)).toBe(0);
    await eventually(() => inFlight.returnWaitingLongerThan(5) === 2);
    expect(requeued()).toEqual(old);
    expect([inFlight.size, inFlight.busy]).toEqual([0, false]);
  });

  it("goes back at a halt, and so does what comes later", () => {
    const { inFlight, requeued } = setUp();
    const [first, second] = [delivery(), delivery()];
    inFlight.add([first]);
    inFlight.halt();
    inFlight.add([second]);
    expect(requeued()).toEqual([first, second]);
    expect(inFlight.size).toBe(0);
  });

  it("is lost where it waits, and the rest is somebody else's business", () => {
    const { inFlight, reporter, requeued } = setUp();
    const [here, stays, elsewhere] = [delivery(), delivery(), delivery()];
    inFlight.add([here, stays]);
    expect(inFlight.loseDeliveries([here, elsewhere])).toEqual(new Set([elsewhere]));
    expect(inFlight.size).toBe(1);
    expect(reporter.counters.lost).toBe(1);
    expect(requeued()).toEqual([]);
  });
});
