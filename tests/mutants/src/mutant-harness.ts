import { MemoryDriver, MemoryServer, memory, VirtualClock } from "@chicory/broker-memory";
import type { BrokerHarness, HarnessDriverOptions } from "@chicory/conformance";
import { type BrokerDriver, DeliveryMode } from "@chicory/core";
import type { Mutant } from "./mutant.js";

const LEASE_MS = 30_000;

/** An embedded broker whose server or drivers are those of a mutant; a sound one if none is given. */
export function startMutantHarness(mutant: Pick<Mutant, "server" | "driver" | "seed">): BrokerHarness {
  const clock = new VirtualClock();
  const Server = mutant.server ?? MemoryServer;
  const server = new Server({ clock, ...(mutant.seed === undefined ? {} : { seed: mutant.seed }) });
  const sound = new WeakMap<BrokerDriver, MemoryDriver>();
  const innermost = (driver: BrokerDriver): MemoryDriver => {
    const inner = driver instanceof MemoryDriver ? driver : sound.get(driver);
    if (inner === undefined) throw new Error("not a driver of this harness");
    return inner;
  };
  return {
    capabilities: memory().capabilities,
    leaseMs: LEASE_MS,
    createDriver: (options: HarnessDriverOptions = {}) => {
      const inner = memory({ ...options, server, leaseMs: LEASE_MS });
      const driver = mutant.driver?.(inner, options) ?? inner;
      sound.set(driver, inner);
      return driver;
    },
    now: () => clock.now(),
    elapse: (ms) => clock.advance(ms),
    crash: async (driver) => innermost(driver).crash(),
    isolate: async (driver) => {
      const heal = innermost(driver).isolate();
      return async () => heal();
    },
    severConnections: async () => server.sever(),
    restartServer: async () => {
      server.stop();
      await clock.advance(1_000);
      server.start();
    },
    putForeign: async (queue, body) => {
      server.publish([{ id: "foreign", queue, body, mode: DeliveryMode.AT_LEAST_ONCE, priority: 0 }], undefined);
    },
    storedCount: async (queue) => {
      const { ready, delayed, inFlight, deadLetters } = server.depth(queue);
      return ready + (delayed ?? 0) + (inFlight ?? 0) + deadLetters + leftoversOf(server);
    },
    close: async () => undefined,
  };
}

/** What a server that does not delete keeps of settled messages. */
function leftoversOf(server: MemoryServer): number {
  const leftovers: unknown = Reflect.get(server, "leftovers");
  return typeof leftovers === "number" ? leftovers : 0;
}
