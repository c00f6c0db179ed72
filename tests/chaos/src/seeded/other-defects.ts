import { MemoryServer } from "@chicory/broker-memory";
import {
  type Delivery,
  decodeEnvelope,
  type OutgoingMessage,
  PublishError,
  type PublishFailure,
  ServerError,
} from "@chicory/core";
import { DelegatingAdmin, DelegatingConsumer, DelegatingDriver, publishing } from "@chicory/mutants";
import { NEIGHBOUR_PREFIX } from "../simulation/strangers.js";
import type { Defect } from "./defect.js";
import { consumingThrough } from "./settling-through.js";

/** Entries that a stream of the defect below is trimmed to. */
const TRIMMED_TO = 20;

/** Deletes the oldest messages of a queue that grows, executed or not. */
class TrimmingServer extends MemoryServer {
  override publish(messages: readonly OutgoingMessage[], maxLength: number | undefined): readonly PublishFailure[] {
    const failures = super.publish(messages, maxLength);
    for (const { queue } of messages) if (this.depth(queue).ready > TRIMMED_TO) this.purge(queue);
    return failures;
  }
}

function isReadable({ body }: Delivery): boolean {
  try {
    decodeEnvelope(body);
    return true;
  } catch {
    return false;
  }
}

/** Mistakes of brokers that no mutant of the conformance suite makes. */
export const brokerDefects: readonly Defect[] = [
  {
    name: "trims-by-length",
    sentence: "bounds its streams by trimming them to a length",
    caughtBy: "at-least-once",
    program: "peace",
    server: TrimmingServer,
  },
  {
    name: "stops-at-bad-bytes",
    sentence: "ends its consumption at the first entry that cannot be decoded",
    caughtBy: "at-least-once",
    program: "peace",
    anyDriver: consumingThrough((sound) => {
      const consumer = new DelegatingConsumer(sound);
      consumer.receive = async (max, signal) => {
        const deliveries = await sound.receive(max, signal);
        if (deliveries.every(isReadable)) return deliveries;
        throw new ServerError("An entry cannot be decoded", { retryable: false });
      };
      return consumer;
    }),
  },
  {
    name: "drops-bad-bytes",
    sentence: "acks what cannot be decoded, and forgets it",
    caughtBy: "at-least-once",
    program: "peace",
    anyDriver: consumingThrough((sound) => {
      const consumer = new DelegatingConsumer(sound);
      consumer.receive = async (max, signal) => {
        for (;;) {
          const deliveries = await sound.receive(max, signal);
          const bad = deliveries.filter((delivery) => !isReadable(delivery));
          await sound.settle(bad.map((delivery) => ({ kind: "ack", delivery })));
          const good = deliveries.filter(isReadable);
          if (good.length > 0 || deliveries.length === 0) return good;
        }
      };
      return consumer;
    }),
  },
  {
    name: "fire-and-forget-acks",
    sentence: "neither waits for acks nor sees that a message was handed out before",
    caughtBy: "at-most-once",
    program: "cuts",
    anyDriver: consumingThrough((sound) => {
      const consumer = new DelegatingConsumer(sound);
      consumer.receive = async (max, signal) => {
        const deliveries = await sound.receive(max, signal);
        return deliveries.map((delivery) => Object.assign(delivery, { deliveryCount: 1, redelivered: false }));
      };
      consumer.settle = async (settlements) => {
        void sound.settle(settlements).catch(() => undefined);
        return { lost: [] };
      };
      return consumer;
    }),
  },
  {
    name: "ignores-key-prefix",
    sentence: "ignores the prefix that keeps two apps on one broker apart",
    caughtBy: "only-what-was-sent",
    program: "peace",
    anyDriver: (inner) => {
      const driver = new DelegatingDriver(inner);
      driver.publish = (messages) =>
        inner.publish(messages.map((message) => ({ ...message, queue: message.queue.replace(NEIGHBOUR_PREFIX, "") })));
      return driver;
    },
  },
  {
    name: "publishes-into-nothing",
    sentence: "believes after a restart of the server that what it declared is still there",
    caughtBy: "at-least-once",
    program: "cuts",
    driver: publishing(async (messages, inner) => {
      try {
        await inner.publish(messages);
      } catch (error) {
        // Unroutable, and nobody asked to be told.
        if (error instanceof PublishError && error.outcome === "rejected") return;
        throw error;
      }
    }),
  },
  {
    name: "refuses-what-it-stored",
    sentence: "calls a send refused for good whose answer was lost",
    caughtBy: "nothing-refused-runs",
    program: "cuts",
    driver: publishing(async (messages, inner) => {
      try {
        await inner.publish(messages);
      } catch (error) {
        if (!(error instanceof PublishError)) throw error;
        const cause = new ServerError("The connection is gone", { retryable: false });
        throw new PublishError(error.failures.map(({ message }) => ({ message, outcome: "rejected", cause })));
      }
    }),
  },
  {
    name: "hangs-with-its-connection",
    sentence: "lets a send wait for an answer that was lost, whatever its deadline",
    caughtBy: "sends-settle",
    program: "cuts",
    publishTimeoutMs: 20_000,
    driver: publishing((messages, inner) => inner.publish(messages).catch(() => new Promise<void>(() => undefined))),
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

/** Mistakes of processes: settings that no promise allows, and ends without goodbye. */
export const processDefects: readonly Defect[] = [
  {
    name: "runs-too-many",
    sentence: "runs whatever it has fetched, whatever its concurrency",
    caughtBy: "concurrency-kept",
    program: "peace",
    worker: { concurrency: 24 },
  },
  {
    name: "retries-once-too-often",
    sentence: "counts one retry too many",
    caughtBy: "attempts-bounded",
    program: "peace",
    extraRetries: 1,
  },
  {
    name: "buries-unknown-tasks",
    sentence: "buries a task at once that its workers do not know yet",
    caughtBy: "as-expected",
    program: "deployment",
    worker: { unknownTaskRetries: 0 },
  },
  {
    name: "keeps-no-dead-letters",
    sentence: "drops what finally fails",
    caughtBy: "at-least-once",
    program: "peace",
    worker: { deadLetters: false },
  },
  {
    name: "stops-at-once",
    sentence: "cancels what runs when it is asked to stop",
    caughtBy: "no-duplicates-without-cause",
    program: "deployment",
    stopsAtOnce: true,
  },
  {
    name: "ends-with-its-connection",
    sentence: "ends its worker when the server is gone for a moment",
    caughtBy: "workers-stay",
    program: "cuts",
    worker: { recoveryTimeoutMs: 1, stallTimeoutMs: 100 },
  },
];
