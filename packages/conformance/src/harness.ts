import type { BrokerCapabilities, BrokerDriver } from "@chicory/core";

/** What a scenario asks of a driver's own config, by meaning: the harness knows the option's name. */
export interface HarnessDriverOptions {
  /** Most messages that a queue may hold. Asked for only by scenarios that need the ability `maxLength`. */
  readonly maxLength?: number;
}

/**
 * Things that only some harnesses can do to a broker. A scenario that needs one is shown as skipped where the harness
 * was declared `without` it, and fails where it was not declared and is missing.
 */
export type HarnessAbility = "severConnections" | "restartServer" | "isolate" | "maxLength";

/**
 * One running broker under test. The suite starts it once and gives every scenario queue names of its own, so the
 * scenarios do not see each other and nothing needs a fresh server.
 */
export interface BrokerHarness {
  /** The capability record of the driver under test, which is a constant. */
  readonly capabilities: BrokerCapabilities;

  /**
   * Lease of the drivers that {@link createDriver} makes, in milliseconds: 1,000 to 2,000 on a real server, anything
   * on a virtual clock. Undefined where `capabilities.ownership` is "connection".
   */
  readonly leaseMs?: number;

  /** A new driver on the same broker and namespace, as another process would have one. The suite closes it. */
  createDriver(options?: HarnessDriverOptions): BrokerDriver;

  /** The broker's clock, in milliseconds since the epoch. */
  now(): number | Promise<number>;

  /** Lets `ms` of the broker's time pass: a virtual clock advances, a real one is waited for. */
  elapse(ms: number): Promise<void>;

  /**
   * Makes this driver's process vanish without a goodbye: nothing is given back or acked, no lease is renewed any
   * more, no callback is called. Promises of it that are still open may stay so or reject. The suite does not use or
   * close the driver afterwards.
   */
  crash(driver: BrokerDriver): Promise<void>;

  /**
   * Lets nothing pass between this driver and the broker until the returned function is called, as when the process
   * is paused or the network is parted; the driver goes on living. Calls made meanwhile may fail or wait.
   */
  isolate?(driver: BrokerDriver): Promise<() => Promise<void>>;

  /** Cuts every connection of every driver to the broker once; new ones are accepted at once. */
  severConnections?(): Promise<void>;

  /** Stops the server and starts it again with its data kept. Resolves when it answers. */
  restartServer?(): Promise<void>;

  /** Puts bytes into the queue as a client that knows nothing of Chicory's drivers would. */
  putForeign(queue: string, body: Uint8Array): Promise<void>;

  /**
   * How many things the broker keeps for this queue's messages in any state, dead letters and bookkeeping that grows
   * with messages included, so that it is 0 once everything is settled. What merely names the queue does not count,
   * nor what expires by itself.
   */
  storedCount(queue: string): Promise<number>;

  /** Ends the broker, and whatever is left of drivers that crashed. */
  close(): Promise<void>;
}

/** Starts a broker for the suite. Called once. */
export type StartHarness = () => Promise<BrokerHarness>;
