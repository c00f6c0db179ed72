import { type Lease, MemoryServer, type Session } from "@chicory/broker-memory";
import {
  type Consumer,
  type Delivery,
  decodeEnvelope,
  type OutgoingMessage,
  PublishError,
  type PublishFailure,
  type QueueDepth,
  ServerError,
  type Settlement,
} from "@chicory/core";
import { DelegatingConsumer, DelegatingDriver, publishing } from "@chicory/mutants";
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

/** Never deletes what is finished, so that it counts as waiting. */
class HoardingServer extends MemoryServer {
  readonly #finished = new Map<string, number>();

  override settleOne(session: Session, settlement: Settlement): boolean {
    const took = super.settleOne(session, settlement);
    if (took && settlement.kind === "ack") {
      this.#finished.set(session.queue, (this.#finished.get(session.queue) ?? 0) + 1);
    }
    return took;
  }

  override depth(queue: string): QueueDepth {
    const depth = super.depth(queue);
    return { ...depth, ready: depth.ready + (this.#finished.get(queue) ?? 0) };
  }
}

/** Takes away what a consumer has held for longer than a lease and a half, though it lives and renews. */
class ImpatientServer extends MemoryServer {
  readonly #takenAt = new Map<string, number>();

  override take(session: Session, request: number, max: number, unanswered: ReadonlySet<number>): readonly Lease[] {
    const leases = super.take(session, request, max, unanswered);
    for (const { token } of leases) this.#takenAt.set(`${session.queue} ${token}`, this.clock.now());
    return leases;
  }

  override renew(session: Session, tokens: readonly number[]): readonly number[] {
    const since = this.clock.now() - session.leaseMs * 1.5;
    const young = tokens.filter((token) => (this.#takenAt.get(`${session.queue} ${token}`) ?? 0) >= since);
    return super.renew(session, young);
  }
}

/** Passes a delayed message on when it is due, and drops it when there is nothing to pass it on to. */
class DroppingServer extends MemoryServer {
  override publish(messages: readonly OutgoingMessage[], maxLength: number | undefined): readonly PublishFailure[] {
    return messages.flatMap((message) => {
      const { notBefore = 0, ...undelayed } = message;
      if (notBefore <= this.clock.now()) return super.publish([message], maxLength);
      this.clock.schedule(notBefore, () => {
        if (this.running) super.publish([undelayed], maxLength);
      });
      return [];
    });
  }
}

/** Consumes what can be decoded alone; says what is done with the rest. */
function receivingReadable(
  dispose: (bad: readonly Delivery[], sound: Consumer) => Promise<unknown>,
): NonNullable<Defect["anyDriver"]> {
  return consumingThrough((sound) => {
    const consumer = new DelegatingConsumer(sound);
    consumer.receive = async (max, signal) => {
      for (;;) {
        const deliveries = await sound.receive(max, signal);
        const good = deliveries.filter(isReadable);
        await dispose(
          deliveries.filter((delivery) => !isReadable(delivery)),
          sound,
        );
        if (good.length > 0 || deliveries.length === 0) return good;
      }
    };
    return consumer;
  });
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
    name: "deletes-nothing",
    sentence: "acks without deleting, so that what is finished is counted with what waits",
    caughtBy: "nothing-waits",
    program: "peace",
    server: HoardingServer,
  },
  {
    name: "limits-held-time",
    sentence: "takes a delivery away from a live consumer that works for long",
    caughtBy: "leases-kept",
    program: "peace",
    server: ImpatientServer,
  },
  {
    name: "drops-what-is-due-nowhere",
    sentence: "drops a delayed message if its queue is not there when it is due",
    caughtBy: "at-least-once",
    program: "cuts",
    server: DroppingServer,
  },
  {
    name: "leaves-bad-bytes",
    sentence: "passes over what cannot be decoded, and never settles it",
    caughtBy: "nothing-waits",
    program: "peace",
    anyDriver: receivingReadable(() => Promise.resolve()),
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
    anyDriver: receivingReadable((bad, sound) => sound.settle(bad.map((delivery) => ({ kind: "ack", delivery })))),
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
];
