import type { TaskKindName } from "../load/task-kinds.js";
import type { BrokerSpec } from "../stages/broker-spec.js";
import type { DeathPoint } from "./death-point.js";

/** What a worker process is told on its command line, as JSON. */
export interface WorkerSettings {
  readonly broker: BrokerSpec;
  /** Where the ledgers are. */
  readonly folder: string;
  /** Name of the process, as the history names it. */
  readonly name: string;
  /** See {@link measureEpoch}. */
  readonly epoch: number;
  readonly concurrency: number;
  readonly shutdownTimeoutMs: number;
  /** Name of a defect that the worker's driver is to have, to show that a real run notices it. */
  readonly seeded?: string | undefined;
  /** Kinds of tasks that the worker does not know yet. */
  readonly lacks: readonly TaskKindName[];
  /** Where the worker is to kill itself. */
  readonly diesAt?: DeathPoint | undefined;
}
