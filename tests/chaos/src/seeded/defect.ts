import type { MemoryServer } from "@chicory/broker-memory";
import type { BrokerDriver } from "@chicory/core";
import type { Mutant } from "@chicory/mutants";
import type { WorkerOptions } from "@chicory/worker";
import type { RuleName } from "../checker/rule-name.js";
import type { ProgramName } from "../simulation/program.js";

/** A mistake that is put into a run on purpose, and the rule that must notice. */
export interface Defect {
  /** Short, for a command line. */
  readonly name: string;
  /** What is wrong, as the end of a sentence that begins with "A system that". */
  readonly sentence: string;
  readonly caughtBy: RuleName;
  /** What has to happen for it to show. */
  readonly program: ProgramName;
  /** The broken server of the embedded broker, if the mistake is there. */
  readonly server?: typeof MemoryServer;
  /** The broken driver around a sound one of the embedded broker. */
  readonly driver?: NonNullable<Mutant["driver"]>;
  /** The broken driver around a sound one of any broker. */
  readonly anyDriver?: (inner: BrokerDriver) => BrokerDriver;
  /** Settings of every worker that no promise allows. */
  readonly worker?: WorkerOptions;
  /** Retries that workers grant beyond what a task has. */
  readonly extraRetries?: number;
  /** Whether a worker that is asked to stop ends at once. */
  readonly stopsAtOnce?: boolean;
  /** Time that a producer waits, in milliseconds. */
  readonly publishTimeoutMs?: number;
}
