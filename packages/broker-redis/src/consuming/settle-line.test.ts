import { DeliveryMode, type Settlement, SettlementError } from "@chicory/core";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { rejection } from "../../test/fixture.js";
import { HeldDeliveries } from "./held-deliveries.js";
import { RedisDelivery } from "./redis-delivery.js";
import { SettleLine } from "./settle-line.js";

describe("the settlements that wait", () => {
  let held: HeldDeliveries;
  let line: SettleLine;
  let count = 0;
  beforeEach(() => {
    held = new HeldDeliveries();
    line = new SettleLine(held);
  });

  function own(kind: "ack" | "retry" = "ack", body = ""): { settlement: Settlement; delivery: RedisDelivery } {
    count += 1;
    const delivery = new RedisDelivery("q", 0, `${count}-0`, Buffer.alloc(0), 1, 0);
    held.add(delivery);
    if (kind === "ack") return { settlement: { kind, delivery }, delivery };
    const replacement = { id: "x", queue: "q", body, mode: DeliveryMode.AT_LEAST_ONCE, priority: 0 };
    return { settlement: { kind, delivery, replacement }, delivery };
  }

  it("resolve their call when each has an outcome", async () => {
    const [first, second] = [own(), own()];
    const settling = line.submit([first, second], []);
    const [one, two] = line.take(10, 10);
    if (!one || !two) throw new Error("two wait");
    line.finish(one, { kind: "took" });
    line.finish(two, { kind: "lost" });
    expect(await settling).toEqual({ lost: [second.delivery] });
    expect([first.delivery.state, second.delivery.state, held.size]).toEqual(["settled", "lost", 0]);
  });

  it("name what failed, and leave it held to be settled again", async () => {
    const entries = [own(), own(), own()];
    const settling = rejection(line.submit(entries, []), SettlementError);
    const cause = new Error("no");
    for (const [index, pending] of line.take(10, 10).entries()) {
      line.finish(pending, index === 1 ? { kind: "failed", cause } : { kind: "took" });
    }
    const error = await settling;
    expect(error.failed).toEqual([entries[1]?.settlement]);
    expect(error.cause).toBe(cause);
    expect(entries[1]?.delivery.state).toBe("held");
    expect(held.size).toBe(1);
  });

  it("name what was lost beside what failed: it must not be taken for settled", async () => {
    const [failed, gone, before] = [own(), own(), own()];
    const settling = rejection(line.submit([failed, gone], [before.delivery]), SettlementError);
    const [one, two] = line.take(10, 10);
    if (!one || !two) throw new Error("two wait");
    line.finish(one, { kind: "failed", cause: new Error("no") });
    line.finish(two, { kind: "lost" });
    const error = await settling;
    expect(error.failed).toEqual([failed.settlement]);
    expect(error.lost).toEqual([before.delivery, gone.delivery]);
  });

  it("do not make a delivery theirs again that was lost meanwhile", async () => {
    const entry = own();
    const settling = rejection(line.submit([entry], []), SettlementError);
    entry.delivery.state = "lost";
    const [pending] = line.take(1, 1);
    if (pending) line.finish(pending, { kind: "failed", cause: new Error("no") });
    await settling;
    expect(entry.delivery.state).toBe("lost");
  });

  it("are taken in order, within a number and a size, but at least one", () => {
    const entries = [own("retry", "x".repeat(100)), own("retry", "x".repeat(100)), own(), own()];
    void line.submit(entries, []);
    expect(line.take(10, 50).map(({ delivery }) => delivery)).toEqual([entries[0]?.delivery]);
    expect(line.take(2, 1_000).map(({ delivery }) => delivery)).toEqual([entries[1]?.delivery, entries[2]?.delivery]);
    expect(line.size).toBe(1);
  });

  it("are first in line again when they are put back", () => {
    const entries = [own(), own(), own()];
    void line.submit(entries, []);
    line.putBack(line.take(2, 10));
    expect(line.take(10, 10).map(({ delivery }) => delivery)).toEqual(entries.map(({ delivery }) => delivery));
  });

  it("need no server where nothing is to be settled", async () => {
    const { delivery } = own();
    expect(await line.submit([], [delivery])).toEqual({ lost: [delivery] });
  });
});
