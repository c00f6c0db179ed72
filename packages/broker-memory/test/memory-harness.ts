import type { BrokerHarness, HarnessDriverOptions } from "@chicory/conformance";
import { type BrokerDriver, DeliveryMode } from "@chicory/core";
import { MemoryDriver, MemoryServer, memory, VirtualClock } from "../src/index.js";

const LEASE_MS = 30_000;

/** One embedded broker on a virtual clock, with its calls in the order of a seed if one is given. */
export async function startMemoryHarness(seed?: number): Promise<BrokerHarness> {
  const clock = new VirtualClock();
  const server = new MemoryServer(seed === undefined ? { clock } : { clock, seed });
  return {
    capabilities: memory().capabilities,
    leaseMs: LEASE_MS,
    createDriver: (options: HarnessDriverOptions = {}) => memory({ ...options, server, leaseMs: LEASE_MS }),
    now: () => clock.now(),
    elapse: (ms) => clock.advance(ms),
    crash: async (driver) => own(driver).crash(),
    isolate: async (driver) => {
      const heal = own(driver).isolate();
      return async () => heal();
    },
    severConnections: async () => server.sever(),
    restartServer: async () => {
      server.stop();
      await clock.advance(1_000);
      server.start();
    },
    putForeign: async (queue, body) => {
      const refused = server.publish(
        [{ id: "foreign", queue, body, mode: DeliveryMode.AT_LEAST_ONCE, priority: 0 }],
        undefined,
      );
      if (refused.length > 0) throw new Error("the foreign message was refused");
    },
    storedCount: async (queue) => {
      const { ready, delayed, inFlight, deadLetters } = server.depth(queue);
      return ready + (delayed ?? 0) + (inFlight ?? 0) + deadLetters;
    },
    close: async () => undefined,
  };
}

function own(driver: BrokerDriver): MemoryDriver {
  if (!(driver instanceof MemoryDriver)) throw new Error("not a driver of the embedded broker");
  return driver;
}
