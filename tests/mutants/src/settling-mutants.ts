import { MemoryServer, type Session } from "@chicory/broker-memory";
import {
  type Delivery,
  DeliveryMode,
  type PublishError,
  type Settlement,
  SettlementError,
  UnsupportedError,
} from "@chicory/core";
import { DelegatingConsumer } from "./delegates.js";
import { consuming, type Mutant } from "./mutant.js";

/** A consumer whose settlements are turned into others before they are sent. */
function settlingInstead(change: (settlement: Settlement) => Settlement): NonNullable<Mutant["driver"]> {
  return consuming((inner) => {
    const consumer = new DelegatingConsumer(inner);
    consumer.settle = (settlements) => inner.settle(settlements.map(change));
    return consumer;
  });
}

/** Drivers that settle wrongly. */
export const settlingMutants: readonly Mutant[] = [
  {
    name: "says that every settlement took",
    caughtBy: "the second ack of a delivery is lost",
    driver: consuming((inner) => {
      const consumer = new DelegatingConsumer(inner);
      consumer.settle = async (settlements) => {
        await inner.settle(settlements);
        return { lost: [] };
      };
      return consumer;
    }),
  },
  {
    name: "says that a settlement took which it never made",
    caughtBy: "an acked message is gone",
    driver: consuming((inner) => {
      const consumer = new DelegatingConsumer(inner);
      consumer.settle = async () => ({ lost: [] });
      return consumer;
    }),
  },
  {
    name: "keeps something of every acked message",
    caughtBy: "an acked message is gone",
    server: class extends MemoryServer {
      leftovers = 0;

      override settleOne(session: Session, settlement: Settlement): boolean {
        const took = super.settleOne(session, settlement);
        if (took && settlement.kind === "ack") this.leftovers += 1;
        return took;
      }
    },
  },
  {
    name: "forgets what is requeued",
    caughtBy: "a requeued message is handed out again as it was",
    driver: settlingInstead((settlement) =>
      settlement.kind === "requeue" ? { kind: "ack", delivery: settlement.delivery } : settlement,
    ),
  },
  {
    name: "stops settling at the first lost delivery",
    caughtBy: "a lost delivery does not hold up the others of its call",
    driver: consuming((inner) => {
      const consumer = new DelegatingConsumer(inner);
      consumer.settle = async (settlements) => {
        for (const settlement of settlements) {
          const { lost } = await inner.settle([settlement]);
          if (lost.length > 0) return { lost };
        }
        return { lost: [] };
      };
      return consumer;
    }),
  },
  {
    name: "takes back a whole call when one settlement of it is refused",
    caughtBy: "a settlement that is refused does not hold up the others of its call, and stays open",
    driver: consuming((inner) => {
      const consumer = new DelegatingConsumer(inner);
      consumer.settle = async (settlements) => {
        const bad = settlements.some(
          (settlement) => settlement.kind === "retry" && settlement.replacement.priority > 9,
        );
        if (bad) throw new SettlementError(settlements, new UnsupportedError("There is no such priority"));
        return await inner.settle(settlements);
      };
      return consumer;
    }),
  },
  {
    name: "settles only when no receive waits",
    caughtBy: "settling goes on while a receive waits",
    driver: consuming((inner) => {
      const consumer = new DelegatingConsumer(inner);
      let receiving: Promise<unknown> = Promise.resolve();
      consumer.receive = (max, signal) => {
        const received = inner.receive(max, signal);
        receiving = received.catch(() => undefined);
        return received;
      };
      consumer.settle = async (settlements) => {
        await receiving;
        return await inner.settle(settlements);
      };
      return consumer;
    }),
  },
  {
    name: "lets a closed consumer settle what others may hold by then",
    caughtBy: "what a closed consumer settles is lost",
    driver: consuming((inner) => {
      const consumer = new DelegatingConsumer(inner);
      let closed = false;
      consumer.close = async () => {
        closed = true;
        await inner.close();
      };
      consumer.settle = async (settlements) => (closed ? { lost: [] } : await inner.settle(settlements));
      return consumer;
    }),
  },
  {
    name: "names copies of the deliveries that are lost",
    caughtBy: "the second ack of a delivery is lost",
    driver: consuming((inner) => {
      const consumer = new DelegatingConsumer(inner);
      consumer.settle = async (settlements) => {
        const { lost } = await inner.settle(settlements);
        return { lost: lost.map((delivery): Delivery => ({ ...delivery })) };
      };
      return consumer;
    }),
  },
  {
    name: "stores the replacement and forgets to remove the original",
    caughtBy: "a retry puts the replacement in the place of the original",
    server: class extends MemoryServer {
      override settleOne(session: Session, settlement: Settlement): boolean {
        if (settlement.kind !== "retry") return super.settleOne(session, settlement);
        return this.publish([settlement.replacement], undefined).length === 0;
      }
    },
  },
  {
    name: "removes the original and then fails to store the replacement",
    caughtBy: "a settlement that is refused does not hold up the others of its call, and stays open",
    driver: consuming((inner, driver) => {
      const consumer = new DelegatingConsumer(inner);
      consumer.settle = async (settlements) => {
        const result = await inner.settle(settlements.map(({ delivery }) => ({ kind: "ack", delivery })));
        for (const settlement of settlements) {
          if (settlement.kind !== "retry") continue;
          await driver.publish([settlement.replacement]).catch(({ cause }: PublishError) => {
            throw new SettlementError([settlement], cause instanceof Error ? cause : new Error("not stored"));
          });
        }
        return result;
      };
      return consumer;
    }),
  },
  {
    name: "forks a message when its retry is repeated",
    caughtBy: "a second retry of one delivery is lost and forks nothing",
    driver: consuming((inner, driver) => {
      const consumer = new DelegatingConsumer(inner);
      consumer.settle = async (settlements) => {
        const result = await inner.settle(settlements);
        for (const settlement of settlements) {
          if (settlement.kind === "retry" && result.lost.includes(settlement.delivery)) {
            await driver.publish([settlement.replacement]);
          }
        }
        return result;
      };
      return consumer;
    }),
  },
  {
    name: "retries at once, whatever the delay",
    caughtBy: "a delayed replacement waits for its time",
    driver: settlingInstead((settlement) => {
      if (settlement.kind !== "retry") return settlement;
      const { notBefore: _, ...replacement } = settlement.replacement;
      return { ...settlement, replacement };
    }),
  },
  {
    name: "forgets the priority of a replacement",
    caughtBy: "a replacement keeps the priority that it is given",
    driver: settlingInstead((settlement) =>
      settlement.kind === "retry"
        ? { ...settlement, replacement: { ...settlement.replacement, priority: 0 } }
        : settlement,
    ),
  },
  {
    name: "takes a replacement for a repetition of its message",
    caughtBy: "a retry is not taken for a repetition of its message",
    driver: settlingInstead((settlement) =>
      settlement.kind === "retry" && settlement.replacement.id === "order-1"
        ? { kind: "ack", delivery: settlement.delivery }
        : settlement,
    ),
  },
  {
    name: "refuses replacements when the queue is full",
    caughtBy: "a full queue takes a replacement and what is given back",
    driver: (driver, { maxLength }) =>
      consuming((inner) => {
        const consumer = new DelegatingConsumer(inner);
        consumer.settle = async (settlements) => {
          const { ready, inFlight } = driver.server.depth(inner.queue);
          const full = maxLength !== undefined && ready + (inFlight ?? 0) >= maxLength;
          const retries = settlements.filter(({ kind }) => kind === "retry");
          if (full && retries.length > 0) throw new SettlementError(retries, new Error("full"));
          return await inner.settle(settlements);
        };
        return consumer;
      })(driver, {}),
  },
  {
    name: "gives back with a lower priority",
    caughtBy: "a requeued message keeps its priority",
    driver: consuming((inner, driver) => {
      const consumer = new DelegatingConsumer(inner);
      consumer.settle = async (settlements) => {
        const result = await inner.settle(settlements.map(({ delivery }) => ({ kind: "ack", delivery })));
        for (const { delivery } of settlements) {
          const { queue, body } = delivery;
          await driver.publish([{ id: delivery.id, queue, body, mode: DeliveryMode.AT_LEAST_ONCE, priority: 0 }]);
        }
        return result;
      };
      return consumer;
    }),
  },
];
