import type { Random } from "../random.js";
import type { Defect } from "../seeded/defect.js";
import type { Chronicle } from "./chronicle.js";
import type { Connections } from "./connections.js";
import { WORKERS } from "./program.js";
import { SimulatedWorker } from "./simulated-worker.js";
import type { UnderWay } from "./under-way.js";

/** Times that a task which kills its process may do so, when nothing stops it. */
const MAX_POISONED = 9;

/** What a crew is made of. */
export interface CrewOptions {
  readonly queues: readonly string[];
  readonly connections: Connections;
  readonly chronicle: Chronicle;
  readonly random: Random;
  readonly defect: Partial<Defect>;
  readonly underWay: UnderWay;
  /** Whether the workers of the beginning know `fresh` tasks. */
  readonly knowsFreshFromTheBeginning: boolean;
  /** Until when `mended` tasks fail, by the clock of the run. */
  readonly mendedAt: number;
}

/** The worker processes of a run, those that have ended among them. */
export class Crew {
  readonly #options: CrewOptions;
  readonly #workers: SimulatedWorker[] = [];
  #poisoned = 0;

  constructor(options: CrewOptions) {
    this.#options = options;
  }

  /** In the order of their start. */
  get workers(): readonly SimulatedWorker[] {
    return this.#workers;
  }

  /** Starts the workers of the beginning. */
  startAll(): void {
    for (let index = 0; index < WORKERS; index++) this.#start();
  }

  /** One that reaches the server; undefined if there is none. */
  pick(): SimulatedWorker | undefined {
    const { random } = this.#options;
    const connected = this.#workers.filter((worker) => worker.connected);
    // The oldest, so that a version that is to be replaced goes.
    return random.next() < 0.5 ? connected[0] : connected[random.below(connected.length)];
  }

  /** Starts another worker in the place of one that is ended. */
  replace(end: (worker: SimulatedWorker) => void): void {
    const worker = this.pick();
    if (worker === undefined) return;
    this.#start();
    end(worker);
  }

  /** Resolves when nothing of those that were killed is left. */
  async gone(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.gone()));
  }

  #start(): void {
    const { queues, connections, chronicle, defect, underWay, knowsFreshFromTheBeginning, mendedAt } = this.#options;
    const connection = connections.openWatched();
    const number = this.#workers.length + 1;
    const worker = new SimulatedWorker({
      name: `worker-${number}`,
      queues,
      connection,
      priorityOf: (id) => connections.priorityOf(id),
      driver: connections.wrap(connection),
      chronicle,
      knowsFresh: number > WORKERS || knowsFreshFromTheBeginning,
      mendedAt,
      settings: defect.worker ?? {},
      extraRetries: defect.extraRetries ?? 0,
      stopsAtOnce: defect.stopsAtOnce ?? false,
      onPoison: (poisoned) => this.#poison(poisoned),
    });
    this.#workers.push(worker);
    underWay.begin(worker.start().catch(() => undefined));
  }

  #poison(worker: SimulatedWorker): void {
    this.#poisoned += 1;
    if (this.#poisoned > MAX_POISONED) return;
    this.#start();
    worker.kill();
  }
}
