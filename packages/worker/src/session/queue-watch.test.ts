import { ConnectionError, WorkerError } from "@chicory/core";
import { eventually } from "@chicory/test-servers";
import { describe, expect, it } from "@jest/globals";
import { run } from "../../test/deliveries.js";
import { Execution } from "../execution/execution.js";
import type { SettlementWriter } from "../execution/settlement-writer.js";
import { Slots } from "../execution/slots.js";
import { Outage } from "../outage.js";
import { QueueWatch, type QueueWatchLimits } from "./queue-watch.js";

function setUp(limits: Partial<QueueWatchLimits> = {}) {
  const outages = [new Outage(), new Outage()] as const;
  const slots = new Slots();
  const watch = new QueueWatch({
    queue: "q",
    concurrency: 1,
    limits: { stallTimeoutMs: 60_000, recoveryTimeoutMs: 60_000, zombieTimeoutMs: 60_000, ...limits },
    outages,
    slots,
  });
  const addZombie = () => {
    const owner = { decide: () => undefined, release: () => undefined };
    const zombie = new Execution(run(), undefined as unknown as SettlementWriter, owner);
    slots.add(zombie);
    slots.decide(zombie);
    return zombie;
  };
  return { watch, outages, slots, addZombie };
}

describe("queue watch", () => {
  it("finds nothing wrong with a queue that works", () => {
    expect(setUp().watch.inspect(0)).toEqual({ kind: "fine" });
  });

  it("wants a consumer replaced whose broker is silent", () => {
    expect(setUp().watch.inspect(60_001)).toEqual({ kind: "rebuild" });
  });

  it.each([0, 1])("gives up when outage %p lasts too long, and says why", async (index) => {
    const { watch, outages } = setUp({ recoveryTimeoutMs: 1 });
    const cause = new ConnectionError("the server is down");
    outages[index]?.fail(cause);
    await eventually(() => watch.failingMs > 1);
    const verdict = watch.inspect(0);
    expect(verdict).toMatchObject({ kind: "giveUp", error: { cause } });
    expect(String(Reflect.get(verdict, "error"))).toContain("the server is down");
  });

  it("never gives up on an outage if the limit is 0", async () => {
    const { watch, outages } = setUp({ recoveryTimeoutMs: 0 });
    outages[0].fail(new Error("x"));
    await eventually(() => watch.failingMs > 1);
    expect(watch.inspect(0)).toEqual({ kind: "fine" });
  });

  it("gives up when every slot is a zombie's for too long", async () => {
    const { watch, slots, addZombie } = setUp({ zombieTimeoutMs: 1 });
    const zombie = addZombie();
    expect(watch.inspect(0)).toEqual({ kind: "fine" });
    await eventually(() => watch.inspect(0).kind === "giveUp");
    expect(Reflect.get(watch.inspect(0), "error")).toBeInstanceOf(WorkerError);
    slots.remove(zombie);
    expect(watch.inspect(0)).toEqual({ kind: "fine" });
    addZombie();
    expect(watch.inspect(0)).toEqual({ kind: "fine" });
  });

  it("bears zombies for ever if the limit is 0", async () => {
    const { watch, addZombie } = setUp({ zombieTimeoutMs: 0 });
    addZombie();
    watch.inspect(0);
    await new Promise((resolve) => setImmediate(resolve));
    expect(watch.inspect(0)).toEqual({ kind: "fine" });
  });
});
