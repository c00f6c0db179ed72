import type { BrokerSpec } from "../stages/broker-spec.js";
import type { Mix } from "./producer.js";

/** What a producer process is told on its command line, as JSON. */
export interface ProducerSettings {
  readonly broker: BrokerSpec;
  /** Where the ledgers are. */
  readonly folder: string;
  /** Name of the process, as the history names it. */
  readonly name: string;
  /** See {@link measureEpoch}. */
  readonly epoch: number;
  readonly seed: number;
  readonly mix: Mix;
  readonly perSecond: number;
  /** Before a publish is asked for, when it is on its way and nobody has heard the answer, or when it was answered. */
  readonly dies: "before" | "during" | "after";
  /** At how many-th publish. */
  readonly nth: number;
}
