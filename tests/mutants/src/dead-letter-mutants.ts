import { MemoryServer, type Session } from "@chicory/broker-memory";
import type { DeadLetter, QueueAdmin, Settlement } from "@chicory/core";
import { DelegatingAdmin, DelegatingConsumer } from "./delegates.js";
import { administering, consuming, type Mutant } from "./mutant.js";

function burying(change: (letter: DeadLetter) => DeadLetter): NonNullable<Mutant["driver"]> {
  return consuming((inner) => {
    const consumer = new DelegatingConsumer(inner);
    consumer.settle = (settlements) =>
      inner.settle(
        settlements.map((settlement) =>
          settlement.kind === "deadLetter" ? { ...settlement, letter: change(settlement.letter) } : settlement,
        ),
      );
    return consumer;
  });
}

function withAdmin(change: (admin: DelegatingAdmin, inner: QueueAdmin) => void): NonNullable<Mutant["driver"]> {
  return administering((inner) => {
    const admin = new DelegatingAdmin(inner);
    change(admin, inner);
    return admin;
  });
}

/** Drivers that keep dead letters wrongly. */
export const deadLetterMutants: readonly Mutant[] = [
  {
    name: "takes a dead letter's body for text",
    caughtBy: "a dead letter keeps its record and the original body byte for byte",
    driver: burying(({ record, body }) => ({ record, body: Buffer.from(Buffer.from(body).toString("utf8")) })),
  },
  {
    name: "forgets the error of a dead letter",
    caughtBy: "a dead letter keeps its record and the original body byte for byte",
    driver: burying(({ record: { error: _, ...record }, body }) => ({ record, body })),
  },
  {
    name: "makes up what a record does not know",
    caughtBy: "what a record does not know is absent when it is read",
    driver: burying(({ record, body }) => ({ record: { worker: "", ...record }, body })),
  },
  {
    name: "drops what should be buried",
    caughtBy: "a buried message is handed out no more",
    server: class extends MemoryServer {
      override settleOne(session: Session, { kind, delivery, ...rest }: Settlement): boolean {
        if (kind === "deadLetter") return super.settleOne(session, { kind: "ack", delivery });
        return super.settleOne(session, { kind, delivery, ...rest } as Settlement);
      }
    },
  },
  {
    name: "buries and gives back at once",
    caughtBy: "a buried message is handed out no more",
    server: class extends MemoryServer {
      override settleOne(session: Session, settlement: Settlement): boolean {
        if (settlement.kind !== "deadLetter") return super.settleOne(session, settlement);
        const took = super.settleOne(session, { kind: "requeue", delivery: settlement.delivery });
        if (took) this.letters(session.queue)?.add(settlement.letter);
        return took;
      }
    },
  },
  {
    name: "lists the newest dead letter first",
    caughtBy: "letters are listed oldest first, page by page, each once",
    driver: withAdmin((admin, inner) => {
      admin.browseDeadLetters = async (queue, options) => {
        const { letters, ...rest } = await inner.browseDeadLetters(queue, options);
        return { letters: [...letters].reverse(), ...rest };
      };
    }),
  },
  {
    name: "ends every page with a way to a next one that repeats its last letter",
    caughtBy: "letters are listed oldest first, page by page, each once",
    driver: withAdmin((admin, inner) => {
      admin.browseDeadLetters = async (queue, options) => {
        const { letters, next } = await inner.browseDeadLetters(queue, options);
        return next === undefined ? { letters } : { letters, next: String(Number(next) - 1) };
      };
    }),
  },
  {
    name: "ignores the limit of a page",
    caughtBy: "letters are listed oldest first, page by page, each once",
    driver: withAdmin((admin, inner) => {
      admin.browseDeadLetters = (queue) => inner.browseDeadLetters(queue);
    }),
  },
  {
    name: "removes dead letters when they are looked at",
    caughtBy: "browsing changes nothing",
    driver: withAdmin((admin, inner) => {
      admin.browseDeadLetters = async (queue, options) => {
        const page = await inner.browseDeadLetters(queue, options);
        await inner.removeDeadLetters(
          queue,
          page.letters.map(({ id }) => id),
        );
        return page;
      };
    }),
  },
  {
    name: "finds dead letters that are gone",
    caughtBy: "a letter that is not there is not found",
    driver: withAdmin((admin, inner) => {
      admin.removeDeadLetters = async (queue, ids) => {
        let count = 0;
        for (const id of ids) if ((await inner.findDeadLetter(queue, id)) !== undefined) count += 1;
        return count;
      };
    }),
  },
  {
    name: "counts letters as removed that were not there",
    caughtBy: "removing letters deletes these and says how many there were",
    driver: withAdmin((admin, inner) => {
      admin.removeDeadLetters = async (queue, ids) => {
        await inner.removeDeadLetters(queue, ids);
        return ids.length;
      };
    }),
  },
  {
    name: "purges the waiting messages together with the dead letters",
    caughtBy: "purging deletes every letter of the queue and nothing else",
    driver: withAdmin((admin, inner) => {
      admin.purgeDeadLetters = async (queue) => {
        await inner.purge(queue);
        return await inner.purgeDeadLetters(queue);
      };
    }),
  },
  {
    name: "replays without removing the letter",
    caughtBy: "a replayed message takes the place of its letter",
    driver: administering((inner, driver) => {
      const admin = new DelegatingAdmin(inner);
      admin.replayDeadLetters = async (_queue, replays) => {
        await driver.publish(replays.map(({ message }) => message));
        return replays.map(({ letterId }) => letterId);
      };
      return admin;
    }),
  },
  {
    name: "replays letters that are gone",
    caughtBy: "a replay of a letter that is gone publishes nothing",
    driver: administering((inner, driver) => {
      const admin = new DelegatingAdmin(inner);
      admin.replayDeadLetters = async (queue, replays) => {
        await driver.publish(replays.map(({ message }) => message));
        await inner.removeDeadLetters(
          queue,
          replays.map(({ letterId }) => letterId),
        );
        return replays.map(({ letterId }) => letterId);
      };
      return admin;
    }),
  },
  {
    name: "looks, publishes and removes in steps that another operator comes between",
    caughtBy: "of two operators who replay the same letters one gets each",
    seed: 1,
    driver: administering((inner, driver) => {
      const admin = new DelegatingAdmin(inner);
      admin.replayDeadLetters = async (queue, replays) => {
        const replayed: string[] = [];
        for (const { letterId, message } of replays) {
          if ((await inner.findDeadLetter(queue, letterId)) === undefined) continue;
          await driver.publish([message]);
          await inner.removeDeadLetters(queue, [letterId]);
          replayed.push(letterId);
        }
        return replayed;
      };
      return admin;
    }),
  },
];
