import type { WorkerFlags } from "../app/worker-package.js";
import type { AppArguments } from "./app-arguments.js";

/** Arguments of `chicory worker`. */
export interface WorkerArguments extends AppArguments {
  readonly queue: readonly string[] | undefined;
  readonly concurrency: number | undefined;
  readonly workers: number | undefined;
  readonly shutdownTimeout: number | undefined;
  readonly maxDeliveries: number | undefined;
  readonly name: string | undefined;
  readonly dlq: boolean | undefined;
  readonly lookAhead: boolean | undefined;
}

/**
 * A worker's options from the flags that were given, and none from those that were not. One of several processes gets
 * its number after the name, which is unique among live workers.
 */
export function toWorkerFlags(args: WorkerArguments, processNumber?: number): WorkerFlags {
  const { queue, concurrency, shutdownTimeout, maxDeliveries, name, dlq, lookAhead } = args;
  return {
    ...(queue === undefined ? {} : { queues: queue }),
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(shutdownTimeout === undefined ? {} : { shutdownTimeoutMs: shutdownTimeout }),
    ...(maxDeliveries === undefined ? {} : { maxDeliveries }),
    ...(name === undefined ? {} : { name: processNumber === undefined ? name : `${name}-${processNumber}` }),
    ...(dlq === undefined ? {} : { deadLetters: dlq }),
    ...(lookAhead === undefined ? {} : { lookAhead }),
  };
}
