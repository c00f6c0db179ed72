import type { Terms } from "../checker/terms.js";

/** What a task of a simulation does. */
export type SimulatedKind =
  /** At least once; succeeds. */
  | "plain"
  /** At most once; succeeds. */
  | "once"
  /** At least once; fails at its first attempt. */
  | "flaky"
  /** Fails at every attempt. */
  | "failing"
  /** Fails until the end is near, so that it has to be replayed. */
  | "mended"
  /** Waits in the broker first. */
  | "delayed"
  /** Works for longer than a lease. */
  | "long"
  /** Kills the process that runs it. */
  | "poison"
  /** Is not known to the workers of the beginning. */
  | "fresh";

/** What happens to a simulation. */
export type SimulatedFault =
  /** A worker vanishes, and another one takes its place. */
  | "kill"
  /** A worker is stopped gracefully, and another one takes its place. */
  | "restart-worker"
  /** The sending process ends well, and another one takes its place. */
  | "restart-producer"
  /** Every connection is cut while sends are on their way. */
  | "cut-sends"
  /** Every connection is cut while acks of tasks at most once are on their way. */
  | "cut-acks"
  /** Every connection is cut while settlements are on their way. */
  | "cut-settlements"
  /** The server answers nobody for a while. */
  | "restart-server"
  /** Nothing passes between one worker and the server for longer than the lease. */
  | "isolate"
  /** Two operators put the same dead letters back at once. */
  | "replay"
  /** An operator looks at the dead letters. */
  | "browse";

/** What is sent and what breaks in a simulated run. */
export interface Program {
  readonly seed: number;
  /** Tasks of each kind, sent in mixed order over `spreadMs`. */
  readonly tasks: Readonly<Partial<Record<SimulatedKind, number>>>;
  /** Messages that are no envelopes, put there by somebody else. */
  readonly foreign: number;
  /** Tasks of another app on the same broker, under its own prefix. */
  readonly neighbours: number;
  /** Tasks that are sent in one moment. */
  readonly burst: number;
  readonly faults: Readonly<Partial<Record<SimulatedFault, number>>>;
  readonly spreadMs: number;
}

/** Lease of a delivery in every simulation, in milliseconds. */
export const LEASE_MS = 2_000;

/** Workers, and most executions at once in each. */
export const WORKERS = 3;
export const CONCURRENCY = 6;

/** Hand-outs after which a message is buried. */
export const MAX_DELIVERIES = 5;

/** Time in which a send is settled, in milliseconds. */
export const PUBLISH_TIMEOUT_MS = 10_000;

/** What every simulated run is held to. */
export const TERMS: Terms = {
  concurrency: CONCURRENCY,
  leaseMs: LEASE_MS,
  publishTimeoutMs: PUBLISH_TIMEOUT_MS,
  maxDeliveries: MAX_DELIVERIES,
  lateMs: 1_000,
};

const peace: Program = {
  seed: 1,
  tasks: { plain: 120, once: 60, flaky: 40, failing: 30, delayed: 80, long: 4 },
  foreign: 4,
  neighbours: 8,
  burst: 60,
  faults: {},
  spreadMs: 3_000,
};

/** The programs by name; each kind of fault by itself, so that a finding says what led to it. */
export const programs = {
  /** No fault at all. */
  peace,
  /** Workers are killed, and a producer ends while what it sent is delayed. */
  deaths: {
    ...peace,
    seed: 2,
    tasks: { plain: 120, once: 60, delayed: 80, poison: 1 },
    faults: { kill: 12, "restart-producer": 2 },
  },
  /** Workers are replaced gracefully, by a version that knows one task more. */
  deployment: {
    ...peace,
    seed: 3,
    tasks: { plain: 120, once: 60, fresh: 30 },
    faults: { "restart-worker": 9 },
  },
  /** Connections break while calls are on their way, and the server restarts with its data. */
  cuts: {
    ...peace,
    seed: 104,
    tasks: { plain: 100, once: 60, delayed: 40 },
    faults: { "cut-sends": 10, "cut-acks": 8, "cut-settlements": 24, "restart-server": 2 },
    spreadMs: 8_000,
  },
  /** Workers are cut off for longer than their lease, and come back. */
  isolation: {
    ...peace,
    seed: 5,
    tasks: { plain: 100, once: 40 },
    faults: { isolate: 10 },
    spreadMs: 35_000,
  },
  /** Dead letters are looked at and put back. */
  operation: {
    ...peace,
    seed: 6,
    tasks: { plain: 50, failing: 30, mended: 40 },
    faults: { browse: 4, replay: 4 },
  },
} satisfies Readonly<Record<string, Program>>;

/** Name of a program. */
export type ProgramName = keyof typeof programs;
