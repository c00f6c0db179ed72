import { type OutgoingMessage, SettlementError } from "@chicory/core";
import type { Defect } from "./defect.js";
import { isAtMostOnce, settlingInstead, settlingThrough } from "./settling-through.js";

const textOf = (body: string | Uint8Array) => (typeof body === "string" ? body : Buffer.from(body).toString("utf8"));

/** The message with something of its envelope changed. */
function rewritten(message: OutgoingMessage, change: Readonly<Record<string, unknown>>): OutgoingMessage {
  return { ...message, body: JSON.stringify({ ...JSON.parse(textOf(message.body)), ...change }) };
}

/** Mistakes in what becomes of a delivery. */
export const settlingDefects: readonly Defect[] = [
  {
    name: "acks-nothing",
    sentence: "takes the broker for one that deletes what it hands out, and acks nothing",
    caughtBy: "no-duplicates-without-cause",
    program: "deaths",
    anyDriver: settlingInstead((settlement) => (settlement.kind === "ack" ? undefined : settlement)),
  },
  {
    name: "acks-at-most-once-nothing",
    sentence: "never acks tasks at most once, since they are run before anything else is known",
    caughtBy: "at-most-once",
    program: "deployment",
    anyDriver: settlingInstead((settlement) =>
      settlement.kind === "ack" && isAtMostOnce(settlement.delivery) ? undefined : settlement,
    ),
  },
  {
    name: "acks-on-another-queue",
    sentence: "acks on the default queue whatever comes from another",
    caughtBy: "no-duplicates-without-cause",
    program: "deployment",
    anyDriver: settlingInstead((settlement) =>
      settlement.kind === "ack" && settlement.delivery.queue !== "default" ? undefined : settlement,
    ),
  },
  {
    name: "ignores-ack-answer",
    sentence: "runs a task at most once whatever becomes of its ack",
    caughtBy: "at-most-once",
    program: "cuts",
    anyDriver: settlingThrough(async (settlements, consumer) => {
      const acks = settlements.every(({ kind, delivery }) => kind === "ack" && isAtMostOnce(delivery));
      if (!acks) return await consumer.settle(settlements);
      await consumer.settle(settlements).catch(() => undefined);
      return { lost: [] };
    }),
  },
  {
    name: "retries-on-another-queue",
    sentence: "sends retries to the default queue",
    caughtBy: "kept-over-attempts",
    program: "peace",
    anyDriver: settlingThrough(async (settlements, consumer, driver) => {
      for (const settlement of settlements) {
        if (settlement.kind === "retry") await driver.publish([{ ...settlement.replacement, queue: "default" }]);
      }
      return await consumer.settle(settlements.map((one) => (one.kind === "retry" ? { ...one, kind: "ack" } : one)));
    }),
  },
  {
    name: "forgets-headers",
    sentence: "makes the message of a retry anew, and forgets its headers",
    caughtBy: "kept-over-attempts",
    program: "peace",
    anyDriver: settlingInstead((settlement) =>
      settlement.kind === "retry"
        ? { ...settlement, replacement: rewritten(settlement.replacement, { headers: undefined }) }
        : settlement,
    ),
  },
  {
    name: "forgets-priority",
    sentence: "makes the message of a retry anew, and forgets its priority",
    caughtBy: "kept-over-attempts",
    program: "peace",
    anyDriver: settlingInstead((settlement) =>
      settlement.kind === "retry"
        ? { ...settlement, replacement: { ...settlement.replacement, priority: 0 } }
        : settlement,
    ),
  },
  {
    name: "retries-in-two-steps",
    sentence: "publishes a retry and then acks the original, and repeats both when an answer is lost",
    caughtBy: "no-duplicates-without-cause",
    program: "cuts",
    anyDriver: settlingThrough(async (settlements, consumer, driver) => {
      const replacements = settlements.flatMap((one) => (one.kind === "retry" ? [one.replacement] : []));
      if (replacements.length > 0) await driver.publish(replacements);
      return await consumer.settle(settlements.map((one) => (one.kind === "retry" ? { ...one, kind: "ack" } : one)));
    }),
  },
  {
    name: "acks-before-retry",
    sentence: "acks the original and then publishes its retry",
    caughtBy: "at-least-once",
    program: "cuts",
    anyDriver: settlingThrough(async (settlements, consumer, driver) => {
      const acks = settlements.map((one) => (one.kind === "retry" ? ({ ...one, kind: "ack" } as const) : one));
      const { lost } = await consumer.settle(acks);
      const taken = settlements.filter(({ delivery }) => !lost.includes(delivery));
      const replacements = taken.flatMap((one) => (one.kind === "retry" ? [one.replacement] : []));
      if (replacements.length > 0) await driver.publish(replacements);
      return { lost };
    }),
  },
  {
    name: "drops-what-cannot-be-buried",
    sentence: "acks a message whose dead letter could not be stored at once, so that it does not come for ever",
    caughtBy: "at-least-once",
    program: "peace",
    anyDriver: (() => {
      let burials = 0;
      return settlingInstead((settlement) => {
        if (settlement.kind !== "deadLetter") return settlement;
        burials += 1;
        return burials % 3 === 0 ? { kind: "ack", delivery: settlement.delivery } : settlement;
      });
    })(),
  },
  {
    name: "failed-ack-is-failed-task",
    sentence: "takes an ack that failed for a failure of its task, and retries it",
    caughtBy: "retries-follow-failures",
    program: "cuts",
    anyDriver: settlingThrough(async (settlements, consumer, driver) => {
      try {
        return await consumer.settle(settlements);
      } catch (error) {
        if (!(error instanceof SettlementError)) throw error;
        for (const { kind, delivery } of error.failed) {
          if (kind !== "ack" || isAtMostOnce(delivery)) continue;
          const { id, queue, body } = { ...delivery, ...JSON.parse(textOf(delivery.body)), body: delivery.body };
          const message = { id, queue: delivery.queue ?? queue, body, mode: "at-least-once", priority: 0 } as const;
          const { retries } = JSON.parse(textOf(body));
          await driver.publish([rewritten(message, { retries: retries + 1 })]).catch(() => undefined);
        }
        throw error;
      }
    }),
  },
  {
    name: "forgets-failed-settlements",
    sentence: "takes a settlement for done whose connection broke",
    caughtBy: "nothing-waits",
    program: "cuts",
    anyDriver: settlingThrough(async (settlements, consumer) => {
      try {
        return await consumer.settle(settlements);
      } catch {
        return { lost: [] };
      }
    }),
  },
];
