import { type DeadLetterRecord, DeliveryMode, type Settlement } from "@chicory/core";
import { describe, expect, it } from "@jest/globals";
import { KeyBuilder } from "../keys.js";
import { OutgoingMessages } from "../publishing/outgoing.js";
import { HeldDeliveries } from "./held-deliveries.js";
import { RedisDelivery } from "./redis-delivery.js";
import { SettleLine } from "./settle-line.js";
import { stepArguments } from "./step-arguments.js";

const outgoing = new OutgoingMessages(new KeyBuilder("test"));
const at = (priority: number, entryId: string) => new RedisDelivery("q", priority, entryId, Buffer.from("body"), 1, 0);

function argumentsOf(settlements: readonly Settlement[], sure: (delivery: RedisDelivery) => boolean = () => true) {
  const line = new SettleLine(new HeldDeliveries());
  void line.submit(
    settlements.map((settlement) => ({ settlement, delivery: settlement.delivery as RedisDelivery })),
    [],
  );
  return stepArguments(line.take(100, 1_000_000), outgoing, ({ delivery }) => sure(delivery));
}

describe("the settlements of a step", () => {
  it("are acks in groups by stream, and then the others", () => {
    const record: DeadLetterRecord = { reason: "timeout", queue: "q", failedAt: 1, attempts: 1, deliveryCount: 1 };
    const replacement = { id: "x", queue: "q", body: "again", mode: DeliveryMode.AT_LEAST_ONCE, priority: 3 };
    const { settlements, order, priorities } = argumentsOf([
      { kind: "ack", delivery: at(0, "1-0") },
      { kind: "requeue", delivery: at(0, "2-0") },
      { kind: "ack", delivery: at(9, "3-0") },
      { kind: "retry", delivery: at(0, "4-0"), replacement },
      { kind: "deadLetter", delivery: at(0, "5-0"), letter: { record, body: Buffer.from("body") } },
      { kind: "ack", delivery: at(0, "6-0") },
    ]);
    expect(settlements).toEqual([
      2,
      ...[0, 2, "1-0", "6-0"],
      ...[9, 1, "3-0"],
      ...["q", 0, "2-0"],
      ...["r", 0, "4-0", 3, "", "", "again"],
      ...["d", 0, "5-0", Buffer.from("body"), JSON.stringify(record)],
    ]);
    expect(order.map(({ delivery }) => delivery.entryId)).toEqual(["1-0", "6-0", "3-0", "2-0", "4-0", "5-0"]);
    expect([...priorities].sort()).toEqual([0, 3, 9]);
  });

  it("are acks that ask for the owner where the lease may have run out", () => {
    const { settlements } = argumentsOf(
      [
        { kind: "ack", delivery: at(0, "1-0") },
        { kind: "ack", delivery: at(0, "2-0") },
      ],
      ({ entryId }) => entryId === "2-0",
    );
    expect(settlements).toEqual([1, ...[0, 1, "2-0"], ...["a", 0, "1-0"]]);
  });

  it("give a delayed replacement a place of its own, which begins with its priority", () => {
    const replacement = {
      id: "same",
      queue: "q",
      body: "later",
      mode: DeliveryMode.AT_LEAST_ONCE,
      priority: 7,
      notBefore: 1_700_000_000_000.5,
    };
    const retry = (entryId: string): Settlement => ({ kind: "retry", delivery: at(0, entryId), replacement });
    const { settlements } = argumentsOf([retry("1-0"), retry("2-0")]);
    const [first, second] = [settlements[6], settlements[13]];
    expect(settlements.slice(1, 6)).toEqual(["r", 0, "1-0", 7, 1_700_000_000_001]);
    expect(String(first)).toMatch(/^7:/);
    expect(String(second) > String(first)).toBe(true);
  });

  it("may be none", () => {
    expect(argumentsOf([]).settlements).toEqual([0]);
  });
});
