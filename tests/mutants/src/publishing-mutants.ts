import { type OutgoingMessage, PublishError, type PublishFailure, QueueFullError } from "@chicory/core";
import { DelegatingDriver } from "./delegates.js";
import { type Mutant, publishing, publishingInstead } from "./mutant.js";

async function failuresOf(publish: Promise<void>): Promise<readonly PublishFailure[]> {
  try {
    await publish;
    return [];
  } catch (error) {
    if (error instanceof PublishError) return error.failures;
    throw error;
  }
}

function throughText(body: string | Uint8Array): string {
  return typeof body === "string" ? body : Buffer.from(body).toString("utf8");
}

/** Ids with a time of their own, for mutants that remember wrongly. */
function remembering(keyOf: (message: OutgoingMessage) => string, prolongs: boolean): NonNullable<Mutant["driver"]> {
  const until = new Map<string, number>();
  return publishing((messages, inner) => {
    const now = inner.server.clock.now();
    const fresh = messages.filter((message) => {
      const { dedupeMs } = message;
      if (dedupeMs === undefined) return true;
      const key = keyOf(message);
      const known = (until.get(key) ?? 0) > now;
      if (!known || prolongs) until.set(key, now + dedupeMs);
      return !known;
    });
    return inner.publish(fresh.map(({ dedupeMs: _, ...message }) => message));
  });
}

/** Drivers that publish wrongly. */
export const publishingMutants: readonly Mutant[] = [
  {
    name: "stores strings in Latin-1",
    caughtBy: "a string body arrives as its UTF-8 bytes",
    driver: publishingInstead((message) => ({
      ...message,
      body: typeof message.body === "string" ? Buffer.from(message.body, "latin1") : message.body,
    })),
  },
  {
    name: "takes every body for text",
    caughtBy: "a body of bytes arrives byte for byte, also when it is no UTF-8",
    driver: publishingInstead((message) => ({ ...message, body: throughText(message.body) })),
  },
  {
    name: "cuts large bodies",
    caughtBy: "a body of 1 MiB arrives whole",
    driver: publishingInstead((message) => ({ ...message, body: message.body.slice(0, 1_000_000) })),
  },
  {
    name: "stores a batch in the reverse order",
    caughtBy: "messages of one batch arrive in the order of the batch",
    driver: publishing((messages, inner) => inner.publish([...messages].reverse())),
  },
  {
    name: "sends every message of a batch to the queue of the first",
    caughtBy: "a batch may hold messages for several queues",
    driver: publishing((messages, inner) =>
      inner.publish(messages.map((message) => ({ ...message, queue: messages[0]?.queue ?? message.queue }))),
    ),
  },
  {
    name: "says that a message is stored before it is",
    caughtBy: "a publish that resolved is stored: another driver finds the message at once",
    driver: publishing(async (messages, inner) => {
      setImmediate(() => void inner.publish(messages).catch(() => undefined));
    }),
  },
  {
    name: "keeps quiet about messages that it refused",
    caughtBy: "a PublishError lists its failures in the order of the call, with their causes",
    driver: publishing(async (messages, inner) => void (await failuresOf(inner.publish(messages)))),
  },
  {
    name: "names every message of a batch as failed, though some are stored",
    caughtBy: "what a PublishError names is not stored, and the rest of its batch is",
    driver: publishing(async (messages, inner) => {
      const [first] = await failuresOf(inner.publish(messages));
      if (first !== undefined) throw new PublishError(messages.map((message) => ({ ...first, message })));
    }),
  },
  {
    name: "names the messages that failed in another order",
    caughtBy: "a PublishError lists its failures in the order of the call, with their causes",
    driver: publishing(async (messages, inner) => {
      const failures = await failuresOf(inner.publish(messages));
      if (failures.length > 0) throw new PublishError([...failures].reverse());
    }),
  },
  {
    name: "names copies of the messages that failed",
    caughtBy: "a PublishError lists its failures in the order of the call, with their causes",
    driver: publishing(async (messages, inner) => {
      const failures = await failuresOf(inner.publish(messages));
      const copies = failures.map(({ message, ...failure }) => ({ ...failure, message: { ...message } }));
      if (copies.length > 0) throw new PublishError(copies);
    }),
  },
  {
    name: "loses one message in forty",
    caughtBy: "with many producers and consumers that settle in every way the ledger adds up",
    driver: (() => {
      let count = 0;
      return publishing((messages, inner) => {
        const kept = messages.filter(() => {
          count += 1;
          return count % 40 !== 0;
        });
        return inner.publish(kept);
      });
    })(),
  },
  {
    name: "ignores dedupeMs",
    caughtBy: "within dedupeMs the same id is stored once, and every publish of it resolves",
    driver: publishingInstead(({ dedupeMs: _, ...message }) => message),
  },
  {
    name: "takes the same id on another queue for a repetition",
    caughtBy: "the same id on another queue is another message",
    driver: remembering(({ id }) => id, false),
  },
  {
    name: "prolongs the window with every repetition",
    caughtBy: "after the window the same id is stored again",
    driver: remembering(({ id, queue }) => `${queue} ${id}`, true),
  },
  {
    name: "takes every message with a known id for a repetition",
    caughtBy: "a message without dedupeMs is stored although its id is known",
    driver: (() => {
      const known = new Set<string>();
      return publishing((messages, inner) => {
        const fresh = messages.filter(({ id }) => !known.has(id));
        for (const { id } of fresh) known.add(id);
        return inner.publish(fresh);
      });
    })(),
  },
  {
    name: "remembers messages that it refused",
    caughtBy: "a message that was refused may be sent again under its id",
    driver: remembering(({ id, queue }) => `${queue} ${id}`, false),
  },
  {
    name: "trims the queue when it is full",
    caughtBy: "a full queue refuses the message and trims nothing",
    driver: publishing(async (messages, inner) => {
      const failures = await failuresOf(inner.publish(messages));
      const full = failures.filter(({ cause }) => cause instanceof QueueFullError).map(({ message }) => message);
      for (const { queue } of full) await inner.admin.purge(queue);
      await inner.publish(full);
    }),
  },
  {
    name: "has no limit, whatever maxLength says",
    caughtBy: "a full queue refuses the message and trims nothing",
    driver: (inner) => {
      const driver = new DelegatingDriver(inner);
      driver.publish = async (messages) => void inner.server.publish(messages, undefined);
      return driver;
    },
  },
];
