import type { BrokerHarness } from "@chicory/conformance";
import * as fc from "fast-check";
import { BrokenPromise } from "./broken-promise.js";
import { comeToRest } from "./come-to-rest.js";
import { commandsOf } from "./commands.js";
import { DeliveryModel } from "./delivery-model.js";
import { RealSystem } from "./real-system.js";

/** How a system is checked against the model. */
export interface DeliveryCheckOptions {
  /** A broker, for one history or for all. Its caller closes it. */
  readonly harness: () => BrokerHarness;
  /** Repeats a check; at random if not given. */
  readonly seed?: number;
  /** Histories that are tried. */
  readonly runs: number;
  /** Steps of the longest one. Default 30. */
  readonly maxSteps?: number;
  /** Resolves when what is on its way has surely arrived. Default: some turns of the event loop. */
  readonly patience?: () => Promise<void>;
  /** A defect of workers: an ack counts as taken whatever it was answered. */
  readonly trustsAcks?: boolean;
}

const DEFAULT_MAX_STEPS = 30;

/** Turns of the event loop in which a call of the embedded broker is over. */
const TURNS = 3;

let lastQueue = 0;

/**
 * Plays random histories of the delivery protocol (sends, hand-outs, executions, settlements; deaths, cuts, isolation,
 * graceful stops; time) through a real driver, and holds each against the model. Rejects with a {@link BrokenPromise}
 * that tells the shortest history it could find, in numbered steps, and how to repeat it.
 */
export async function checkDelivery(options: DeliveryCheckOptions): Promise<void> {
  const { harness, seed, runs, maxSteps = DEFAULT_MAX_STEPS, patience = someTurns, trustsAcks = false } = options;
  const property = fc.asyncProperty(commandsOf(maxSteps), async (commands) => {
    lastQueue += 1;
    const queue = `model-${process.pid}-${lastQueue}`;
    const model = new DeliveryModel();
    const system = new RealSystem({ harness: harness(), queue, patience, trustsAcks });
    try {
      await fc.asyncModelRun(() => ({ model, real: system }), commands);
      await comeToRest(model, system);
    } finally {
      await system.close();
    }
  });
  const details = await fc.check(property, { numRuns: runs, ...(seed === undefined ? {} : { seed }) });
  if (!details.failed) return;
  const { errorInstance } = details;
  if (!(errorInstance instanceof BrokenPromise)) throw errorInstance;
  errorInstance.message += `\n(seed ${details.seed}, found after ${details.numRuns} histories, shrunk ${details.numShrinks} times)`;
  throw errorInstance;
}

async function someTurns(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await new Promise((resolve) => setImmediate(resolve));
}
