import type { RedisServer, RedisServerOptions } from "@chicory/test-servers";
import type { Random } from "./random.js";
import type { WorkerPool } from "./worker-pool.js";

/** What a scenario may break while the load runs. */
export interface Targets {
  readonly server: RedisServer;
  readonly workers: WorkerPool;
  readonly random: Random;
  /** Resolves after so many milliseconds, or at once when the load has been sent. */
  pause(ms: number): Promise<void>;
}

/** One kind of fault. */
export interface Scenario {
  readonly name: string;
  /** What breaks, and what must hold. */
  readonly sentence: string;
  readonly server: RedisServerOptions;
  /** Number of faults in a quick run; a full one has five times as many. */
  readonly faults: number;
  /** Milliseconds between two faults. */
  readonly everyMs: number;
  /** Causes one fault and mends it. */
  strike(targets: Targets): Promise<void> | void;
}
