import { MemoryServer, type Session } from "@chicory/broker-memory";
import { ClosedError, ConnectionError, type Consumer } from "@chicory/core";
import { DelegatingAdmin, DelegatingConsumer, DelegatingDriver } from "./delegates.js";
import { administering, consuming, type Mutant, publishing } from "./mutant.js";

/** Drivers that begin, end or administer wrongly. */
export const lifecycleMutants: readonly Mutant[] = [
  {
    name: "publishes only after it was connected by hand",
    caughtBy: "a driver publishes without being connected first",
    driver: (inner) => {
      const driver = new DelegatingDriver(inner);
      let connected = false;
      driver.connect = async (signal) => {
        await inner.connect(signal);
        connected = true;
      };
      driver.publish = async (messages) => {
        if (!connected) throw new ConnectionError("not connected");
        await inner.publish(messages);
      };
      return driver;
    },
  },
  {
    name: "ignores that connecting is given up",
    caughtBy: "a connect that is given up rejects with the reason, and the driver stays usable",
    driver: (inner) => {
      const driver = new DelegatingDriver(inner);
      driver.connect = () => inner.connect();
      return driver;
    },
  },
  {
    name: "is closed for good when connecting is given up",
    caughtBy: "a connect that is given up rejects with the reason, and the driver stays usable",
    driver: (inner) => {
      const driver = new DelegatingDriver(inner);
      driver.connect = async (signal) => {
        if (signal?.aborted === true) await inner.close();
        await (signal?.aborted === true ? Promise.reject(signal.reason) : inner.connect(signal));
      };
      return driver;
    },
  },
  {
    name: "swallows what is published after it was closed",
    caughtBy: "a closed driver refuses to connect, publish and consume",
    driver: publishing(async (messages, inner) => {
      try {
        await inner.publish(messages);
      } catch (error) {
        if (!(error instanceof ClosedError)) throw error;
      }
    }),
  },
  {
    name: "still administers when it is closed",
    caughtBy: "a closed driver refuses to administer",
    driver: administering((inner, driver) => {
      const admin = new DelegatingAdmin(inner);
      admin.depth = async (queue) => driver.server.depth(queue);
      return admin;
    }),
  },
  {
    name: "cannot be closed twice",
    caughtBy: "closing a driver twice does no harm",
    driver: (inner) => {
      const driver = new DelegatingDriver(inner);
      let closed = false;
      driver.close = async () => {
        if (closed) throw new ClosedError("closed already");
        closed = true;
        await inner.close();
      };
      return driver;
    },
  },
  {
    name: "leaves its consumers open when it closes",
    caughtBy: "what the consumers of a closed driver held goes to others at once",
    driver: (inner) => {
      const driver = new DelegatingDriver(inner);
      driver.close = async () => undefined;
      return driver;
    },
  },
  {
    name: "lets receives wait on when their consumer closes",
    caughtBy: "closing the consumer lets its waiting receives resolve empty",
    driver: consuming((inner) => {
      const consumer = new DelegatingConsumer(inner);
      consumer.receive = async (max, signal) => {
        const deliveries = await inner.receive(max, signal);
        if (deliveries.length > 0 || signal.aborted) return deliveries;
        return await new Promise<never>(() => undefined);
      };
      return consumer;
    }),
  },
  {
    name: "closes all consumers of a driver with the first",
    caughtBy: "closing one consumer leaves the others of its driver alone",
    driver: (inner) => {
      const driver = new DelegatingDriver(inner);
      const consumers: Consumer[] = [];
      driver.consume = async (queue, options) => {
        const consumer = new DelegatingConsumer(await inner.consume(queue, options));
        consumers.push(consumer.inner);
        consumer.close = async () => void (await Promise.all(consumers.map((each) => each.close())));
        return consumer;
      };
      return driver;
    },
  },
  {
    name: "changes its capabilities when it is connected",
    caughtBy: "the capabilities are the same before and after connecting, and in every driver",
    driver: (inner) => {
      let connected = false;
      const driver = Object.defineProperty(new DelegatingDriver(inner), "capabilities", {
        get: () => ({ ...inner.capabilities, durable: connected }),
      });
      driver.connect = async (signal) => {
        connected = true;
        await inner.connect(signal);
      };
      return driver;
    },
  },
  {
    name: "counts what is in flight as ready",
    caughtBy: "the depth counts a queue's messages by their state",
    driver: administering((inner) => {
      const admin = new DelegatingAdmin(inner);
      admin.depth = async (queue) => {
        const depth = await inner.depth(queue);
        return { ...depth, ready: depth.ready + (depth.inFlight ?? 0), inFlight: 0 };
      };
      return admin;
    }),
  },
  {
    name: "creates a queue when it is asked for",
    caughtBy: "the depth of a queue that does not exist is zero, and asking creates nothing",
    driver: administering((inner, driver) => {
      const admin = new DelegatingAdmin(inner);
      admin.depth = async (queue) => {
        driver.server.open(queue, 1_000);
        return await inner.depth(queue);
      };
      return admin;
    }),
  },
  {
    name: "lists queues in the order of their creation",
    caughtBy: "the queues that were published to or consumed from are listed, sorted",
    driver: administering((inner) => {
      const admin = new DelegatingAdmin(inner);
      admin.queues = async () => [...(await inner.queues())].reverse();
      return admin;
    }),
  },
  {
    name: "leaves delayed messages in a purged queue",
    caughtBy: "a purge deletes what is ready or delayed, and says how many",
    driver: administering((inner) => {
      const admin = new DelegatingAdmin(inner);
      admin.purge = async (queue) => {
        const { delayed } = await inner.depth(queue);
        return (await inner.purge(queue)) - (delayed ?? 0);
      };
      return admin;
    }),
  },
  {
    name: "purges what is in flight",
    caughtBy: "a purge leaves deliveries in flight and dead letters",
    server: class extends MemoryServer {
      readonly #sessions: Session[] = [];

      override open(queue: string, leaseMs: number): Session {
        const session = super.open(queue, leaseMs);
        this.#sessions.push(session);
        return session;
      }

      override purge(queue: string): number {
        for (const session of this.#sessions) if (session.queue === queue) this.release(session);
        return super.purge(queue);
      }
    },
  },
  {
    name: "purges every queue",
    caughtBy: "a purge takes from one queue alone",
    server: class extends MemoryServer {
      override purge(queue: string): number {
        const count = super.purge(queue);
        for (const other of this.queues()) super.purge(other);
        return count;
      }
    },
  },
];
