import { type Chicory, ConfigError } from "@chicory/core";
import { Drainer, type DrainSummary } from "./drainer.js";
import { MemoryDriver } from "./memory-driver.js";
import { VirtualClock } from "./virtual-clock.js";

/** How {@link drain} works; everything may be left out. */
export interface DrainOptions {
  /** Only these queues; every one that exists if not given, also those that come to exist meanwhile. */
  readonly queues?: readonly string[];
  /**
   * Whether to advance the virtual clock to the next delayed message or retry when nothing else is left, until nothing
   * at all is. Default true; with false what is delayed stays.
   */
  readonly advance?: boolean;
  /** Executions after which it gives up, for tasks that send themselves again for ever. Default 10,000. */
  readonly maxRuns?: number;
}

const DEFAULT_MAX_RUNS = 10_000;

/**
 * Runs the tasks of an app's embedded broker to the end, without a server or a worker, for unit tests: everything that
 * is due, one task after the other in the order in which a worker would get them, then what is delayed or retried.
 * Resolves with how the executions ended; dead letters can be read by `app.broker.deadLetters(queue)`.
 *
 * Rejects with a `ConfigError` if the app's broker is not `memory()`, if something is delayed and the broker has no
 * `VirtualClock` to advance, or if the tasks do not come to an end.
 */
export async function drain(app: Chicory, options: DrainOptions = {}): Promise<DrainSummary> {
  const { queues, advance = true, maxRuns = DEFAULT_MAX_RUNS } = options;
  const driver = await app.broker.driver();
  if (!(driver instanceof MemoryDriver)) {
    throw new ConfigError(
      `drain() runs tasks of the embedded broker, and this app uses "${driver.name}": use memory()`,
    );
  }
  const drainer = new Drainer(app, driver, queues);
  try {
    do {
      await drainer.runDue(maxRuns);
    } while (advance && (await advanceToNext(driver, drainer)));
    return drainer.summary;
  } finally {
    await drainer.close();
  }
}

/** Advances to the next delayed message; whether there was one. */
async function advanceToNext({ server }: MemoryDriver, drainer: Drainer): Promise<boolean> {
  const nextDueMs = drainer.nextDueMs();
  if (nextDueMs === undefined) return false;
  if (!(server.clock instanceof VirtualClock)) {
    throw new ConfigError(
      "drain() cannot wait for what is delayed: make the broker as memory({ clock: new VirtualClock() }), or pass { advance: false }",
    );
  }
  await server.clock.advance(nextDueMs - server.clock.now());
  return true;
}
