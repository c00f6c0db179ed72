import { MemoryServer, type Session } from "@chicory/broker-memory";
import { type BrokerDriver, type Replay, type Settlement, SettlementError } from "@chicory/core";
import { consuming, DelegatingAdmin, DelegatingConsumer, DelegatingDriver } from "@chicory/mutants";
import type { Defect } from "./defect.js";
import { settlingInstead } from "./settling-through.js";

/** Dead letters of a queue that the defect below keeps. */
const KEPT_LETTERS = 5;

/** Deletes the oldest dead letters of a queue that has many. */
class TrimmingLettersServer extends MemoryServer {
  override settleOne(session: Session, settlement: Settlement): boolean {
    const took = super.settleOne(session, settlement);
    const letters = this.letters(session.queue);
    for (const { id } of letters?.page({ limit: (letters?.size ?? 0) - KEPT_LETTERS }).letters ?? [])
      letters?.remove(id);
    return took;
  }
}

/** Waiting messages of a queue that the defect below calls full. */
const FULL = 15;

/** Moves the message that would be handed out next to the dead letters. */
async function buryNext(queue: string, driver: BrokerDriver): Promise<void> {
  const consumer = await driver.consume(queue, { worker: "overflow", credits: 1 });
  for (const delivery of await consumer.receive(1, new AbortController().signal)) {
    const { body, deliveryCount } = delivery;
    const { id: taskId } = JSON.parse(Buffer.from(body).toString("utf8"));
    const record = { reason: "rejected", queue, failedAt: Date.now(), attempts: 0, deliveryCount, taskId } as const;
    await consumer.settle([{ kind: "deadLetter", delivery, letter: { body, record } }]);
  }
  await consumer.close();
}

/** Mistakes in what becomes of what is buried. */
export const deadLetterDefects: readonly Defect[] = [
  {
    name: "keeps-no-dead-letters",
    sentence: "drops what finally fails",
    caughtBy: "at-least-once",
    program: "peace",
    worker: { deadLetters: false },
  },
  {
    name: "trims-dead-letters",
    sentence: "keeps no more than some dead letters, and drops the oldest",
    caughtBy: "at-least-once",
    program: "peace",
    server: TrimmingLettersServer,
  },
  {
    name: "buries-the-oldest",
    sentence: "moves the oldest message to the dead letters when its queue is full, to make room for a new one",
    caughtBy: "as-expected",
    program: "peace",
    anyDriver: (inner) => {
      const driver = new DelegatingDriver(inner);
      driver.publish = async (messages) => {
        await inner.publish(messages);
        for (const queue of new Set(messages.map((message) => message.queue))) {
          if ((await inner.admin.depth(queue)).ready > FULL) await buryNext(queue, inner);
        }
      };
      return driver;
    },
  },
  {
    name: "forgets-why",
    sentence: "rejects what it buries, so that nobody knows how often it was tried and what was thrown",
    caughtBy: "letters-tell-why",
    program: "peace",
    anyDriver: settlingInstead((settlement) => {
      if (settlement.kind !== "deadLetter") return settlement;
      const { error: _, ...record } = settlement.letter.record;
      return { ...settlement, letter: { ...settlement.letter, record: { ...record, attempts: 0 } } };
    }),
  },
  {
    name: "buries-by-hand",
    sentence: "writes a dead letter by hand when a burial was not answered, which may have taken",
    caughtBy: "one-dead-letter",
    program: "cuts",
    driver: consuming((sound, { server }) => {
      const consumer = new DelegatingConsumer(sound);
      consumer.settle = async (settlements) => {
        try {
          return await sound.settle(settlements);
        } catch (error) {
          if (!(error instanceof SettlementError)) throw error;
          for (const one of error.failed) {
            if (one.kind === "deadLetter") server.letters(one.delivery.queue)?.add(one.letter);
          }
          const others = error.failed.filter(({ kind }) => kind !== "deadLetter");
          if (others.length > 0) throw new SettlementError(others, error, error.lost);
          return { lost: error.lost };
        }
      };
      return consumer;
    }),
  },
  {
    name: "replays-without-priority",
    sentence: "forgets the priority of what it puts back from the dead letters",
    caughtBy: "kept-over-attempts",
    program: "operation",
    anyDriver: (inner) => {
      const admin = new DelegatingAdmin(inner.admin);
      const forgetful = ({ message, ...replay }: Replay) => ({ ...replay, message: { ...message, priority: 0 } });
      admin.replayDeadLetters = (queue, replays) => inner.admin.replayDeadLetters(queue, replays.map(forgetful));
      return Object.defineProperty(new DelegatingDriver(inner), "admin", { value: admin });
    },
  },
  {
    name: "replays-in-steps",
    sentence: "reads a dead letter, publishes it and then removes it, each in a step of its own",
    caughtBy: "replayed-once",
    program: "operation",
    anyDriver: (inner) => {
      const admin = new DelegatingAdmin(inner.admin);
      admin.replayDeadLetters = async (queue, replays) => {
        await inner.publish(replays.map(({ message }) => message));
        const ids = replays.map(({ letterId }) => letterId);
        await inner.admin.removeDeadLetters(queue, ids);
        return ids;
      };
      return Object.defineProperty(new DelegatingDriver(inner), "admin", { value: admin });
    },
  },
];
