import { type Delivery, ServerError } from "@chicory/core";
import { DelegatingConsumer } from "./delegates.js";
import { consuming, type Mutant } from "./mutant.js";

const never = new AbortController().signal;

function aborted(signal: AbortSignal): Promise<[]> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve([]);
    signal.addEventListener("abort", () => resolve([]), { once: true });
  });
}

/** Drivers that hand out wrongly. */
export const consumingMutants: readonly Mutant[] = [
  {
    name: "hands out one message more than was asked for",
    caughtBy: "a receive never brings more than max",
    driver: consuming((inner) => {
      const consumer = new DelegatingConsumer(inner);
      consumer.receive = (max, signal) => inner.receive(max + 1, signal);
      return consumer;
    }),
  },
  {
    name: "waits until it can hand out as many as were asked for",
    caughtBy: "a receive resolves with what is there instead of waiting for max",
    driver: consuming((inner) => {
      const consumer = new DelegatingConsumer(inner);
      consumer.receive = async (max, signal) => {
        const deliveries: Delivery[] = [];
        while (deliveries.length < max && !signal.aborted) {
          deliveries.push(...(await inner.receive(max - deliveries.length, signal)));
        }
        return deliveries;
      };
      return consumer;
    }),
  },
  {
    name: "lets an idle receive end after a while",
    caughtBy: "an idle receive does not resolve empty by itself",
    driver: consuming((inner, { server }) => {
      const consumer = new DelegatingConsumer(inner);
      consumer.receive = async (max, signal) => {
        const timeout = new AbortController();
        server.clock.schedule(server.clock.now() + 500, () => timeout.abort());
        return await inner.receive(max, AbortSignal.any([signal, timeout.signal]));
      };
      return consumer;
    }),
  },
  {
    name: "drops what arrives during an abort",
    caughtBy: "a delivery that arrives during an abort is not lost",
    driver: consuming((inner) => {
      const consumer = new DelegatingConsumer(inner);
      consumer.receive = (max, signal) => Promise.race([aborted(signal), inner.receive(max, never)]);
      return consumer;
    }),
  },
  {
    name: "takes messages although the signal was aborted before",
    caughtBy: "a receive whose signal was aborted before takes nothing",
    driver: consuming((inner) => {
      const consumer = new DelegatingConsumer(inner);
      consumer.receive = (max, signal) => inner.receive(max, signal.aborted ? never : signal);
      return consumer;
    }),
  },
  {
    name: "does not notice that a receive is aborted",
    caughtBy: "an aborted receive resolves empty",
    driver: consuming((inner) => {
      const consumer = new DelegatingConsumer(inner);
      consumer.receive = (max) => inner.receive(max, never);
      return consumer;
    }),
  },
  {
    name: "gives two receives of a consumer the same messages",
    caughtBy: "receives and settlements of one consumer overlap without a message in two hands",
    driver: consuming((inner) => {
      const consumer = new DelegatingConsumer(inner);
      const echo: Delivery[] = [];
      let waiting = 0;
      consumer.receive = async (max, signal) => {
        if (echo.length > 0) return echo.splice(0, max);
        waiting += 1;
        const deliveries = await inner.receive(max, signal).finally(() => {
          waiting -= 1;
        });
        if (waiting > 0) echo.push(...deliveries);
        return deliveries;
      };
      return consumer;
    }),
  },
  {
    name: "hands one message to two consumers",
    caughtBy: "two consumers of one driver share a queue without duplicates",
    driver: (() => {
      const shared: Delivery[] = [];
      return consuming((inner) => {
        const consumer = new DelegatingConsumer(inner);
        const own = new Set<Delivery>();
        consumer.receive = async (max, signal) => {
          const [foreign] = shared.splice(0, shared[0] !== undefined && !own.has(shared[0]) ? 1 : 0);
          if (foreign !== undefined) return [foreign];
          const deliveries = await inner.receive(max, signal);
          for (const delivery of deliveries) own.add(delivery);
          shared.push(...deliveries.slice(0, 1));
          return deliveries;
        };
        return consumer;
      });
    })(),
  },
  {
    name: "never says that the broker answered",
    caughtBy: "an idle consumer is answered again and again",
    driver: consuming((inner) =>
      Object.defineProperty(new DelegatingConsumer(inner), "lastAnsweredAt", { value: inner.lastAnsweredAt }),
    ),
  },
  {
    name: "counts every hand-out as the first",
    caughtBy: "what was handed out before says so, and counts the hand-outs",
    driver: consuming((inner) => {
      const consumer = new DelegatingConsumer(inner);
      consumer.receive = async (max, signal) => {
        const deliveries = await inner.receive(max, signal);
        return deliveries.map((delivery) => Object.assign(delivery, { deliveryCount: 1, redelivered: false }));
      };
      return consumer;
    }),
  },
  {
    name: "takes a message at most once that was given back for one that may have run",
    caughtBy: "a message at most once that was given back stays runnable",
    driver: (() => {
      const seen = new Set<string>();
      return consuming((inner) => {
        const consumer = new DelegatingConsumer(inner);
        consumer.receive = async (max, signal) => {
          const deliveries = await inner.receive(max, signal);
          return deliveries.map((delivery) => {
            const text = Buffer.from(delivery.body).toString();
            const redelivered = seen.has(text);
            seen.add(text);
            return Object.assign(delivery, { redelivered });
          });
        };
        return consumer;
      });
    })(),
  },
  {
    name: "does not receive any more after its connection was cut",
    caughtBy: "a consumer that waits goes on after its connection was cut",
    driver: consuming((inner) => {
      const consumer = new DelegatingConsumer(inner);
      let wedged = false;
      consumer.receive = async (max, signal) => {
        if (wedged) return await aborted(signal);
        try {
          return await inner.receive(max, signal);
        } catch {
          wedged = true;
          return await aborted(signal);
        }
      };
      return consumer;
    }),
  },
  {
    name: "reports a cut connection as final",
    caughtBy: "a consumer that waits goes on after its connection was cut",
    driver: consuming((inner) => {
      const consumer = new DelegatingConsumer(inner);
      consumer.receive = async (max, signal) => {
        try {
          return await inner.receive(max, signal);
        } catch (cause) {
          throw new ServerError("The connection is gone", { retryable: false, cause });
        }
      };
      return consumer;
    }),
  },
];
