import { type Lease, MemoryServer, type Session } from "@chicory/broker-memory";
import { type OutgoingMessage, PublishError, type Settlement } from "@chicory/core";
import { DelegatingDriver } from "./delegates.js";
import { type Mutant, publishing } from "./mutant.js";

/** Publishes, and passes on what failed in another form. */
function failing(
  change: (error: PublishError, messages: readonly OutgoingMessage[]) => void,
): NonNullable<Mutant["driver"]> {
  return publishing(async (messages, inner) => {
    try {
      await inner.publish(messages);
    } catch (error) {
      if (!(error instanceof PublishError)) throw error;
      change(error, messages);
    }
  });
}

/** Drivers that own wrongly, or break with their connection. */
export const leaseMutants: readonly Mutant[] = [
  {
    name: "never renews a lease",
    caughtBy: "deliveries stay with a consumer that lives, however long it takes",
    server: class extends MemoryServer {
      override renew(): readonly number[] {
        return [];
      }
    },
  },
  {
    name: "takes nothing over from a dead consumer for ten leases",
    caughtBy: "what a crashed consumer held goes to others, unchanged",
    server: class extends MemoryServer {
      override open(queue: string, leaseMs: number): Session {
        return super.open(queue, 10 * leaseMs);
      }
    },
  },
  {
    name: "loses what a dead consumer held",
    caughtBy: "what a crashed consumer held goes to others, unchanged",
    server: class extends MemoryServer {
      override take(session: Session, request: number, max: number, unanswered: ReadonlySet<number>): readonly Lease[] {
        const leases = super.take(session, request, max, unanswered);
        return leases.filter(({ message }) => message.handOuts === 1);
      }
    },
  },
  {
    name: "does not say that deliveries are lost",
    caughtBy: "an owner that was taken for dead is told what it lost, once",
    driver: (inner) => {
      const driver = new DelegatingDriver(inner);
      driver.consume = (queue, { worker, credits }) => inner.consume(queue, { worker, credits });
      return driver;
    },
  },
  {
    name: "says twice that a delivery is lost",
    caughtBy: "an owner that was taken for dead is told what it lost, once",
    driver: (inner) => {
      const driver = new DelegatingDriver(inner);
      driver.consume = (queue, { onLost, ...options }) =>
        inner.consume(queue, {
          ...options,
          onLost: (deliveries) => {
            onLost?.(deliveries);
            onLost?.(deliveries);
          },
        });
      return driver;
    },
  },
  {
    name: "lets an owner retry whose lease is gone",
    caughtBy: "an owner that was taken for dead can neither retry, bury nor give back",
    server: unfenced("retry"),
  },
  {
    name: "lets an owner bury whose lease is gone",
    caughtBy: "an owner that was taken for dead can neither retry, bury nor give back",
    server: unfenced("deadLetter"),
  },
  {
    name: "lets an owner give back whose lease is gone",
    caughtBy: "an owner that was taken for dead can neither retry, bury nor give back",
    server: unfenced("requeue"),
  },
  {
    name: "lets an owner and its successor both ack",
    caughtBy: "of the acks of an owner that was taken for dead and of its successor one takes",
    server: unfenced("ack"),
  },
  {
    name: "gives nothing back when a consumer closes",
    caughtBy: "what a closed consumer held goes to others at once",
    server: class extends MemoryServer {
      override release(session: Session): void {
        session.closed = true;
      }
    },
  },
  {
    name: "forgets what was fetched when its connection broke",
    caughtBy: "what was fetched when the connection was cut is not lost",
    seed: 1,
    server: class extends MemoryServer {
      override take(session: Session, request: number, max: number): readonly Lease[] {
        return super.take(session, request, max, new Set());
      }
    },
  },
  {
    name: "says that a message was rejected which may be stored",
    caughtBy: "while connections are cut, every publish ends as what it is",
    driver: failing((error) => {
      throw new PublishError(error.failures.map((failure) => ({ ...failure, outcome: "rejected" })));
    }),
  },
  {
    name: "says that a message is stored which may not be",
    caughtBy: "while connections are cut, every publish ends as what it is",
    driver: failing(() => undefined),
  },
  {
    name: "sends a message again that may be stored already",
    caughtBy: "while connections are cut, every publish ends as what it is",
    driver: publishing(async (messages, inner) => {
      for (let tries = 0; ; tries += 1) {
        try {
          return await inner.publish(messages);
        } catch (error) {
          if (!(error instanceof PublishError) || tries === 5) throw error;
        }
      }
    }),
  },
  {
    name: "has forgotten delayed messages after a restart",
    caughtBy: "a restarted server still has every message in its state",
    server: class extends MemoryServer {
      override stop(): void {
        super.stop();
        for (const queue of this.queues()) this.purge(queue);
      }
    },
  },
];

/** A server that carries a settlement of this kind out although its session does not hold the delivery. */
function unfenced(kind: Settlement["kind"]): typeof MemoryServer {
  return class extends MemoryServer {
    override settleOne(session: Session, settlement: Settlement): boolean {
      if (super.settleOne(session, settlement)) return true;
      if (settlement.kind !== kind) return false;
      const { queue, body } = settlement.delivery;
      const copy: OutgoingMessage = { id: "copy", queue, body, mode: "at-least-once", priority: 0 };
      if (settlement.kind === "retry") this.publish([settlement.replacement], undefined);
      if (settlement.kind === "requeue") this.publish([copy], undefined);
      if (settlement.kind === "deadLetter") this.letters(queue)?.add(settlement.letter);
      return true;
    }
  };
}
