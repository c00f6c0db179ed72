import type { BrokerHarness } from "@chicory/conformance";
import { type BrokerDriver, Chicory, type Consumer, type Delivery, type TaskDefinition } from "@chicory/core";

/** Retries of a task at least once, and the pause before one in milliseconds. */
const MAX_RETRIES = 1;
const RETRY_DELAY_MS = 100;

/** How often something is asked until it is answered. */
const MAX_LOOKS = 40;

/** A process that consumes. */
interface WorkerProcess {
  readonly driver: BrokerDriver;
  readonly consumer: Consumer;
  /** Mends its isolation; undefined while it reaches the broker. */
  heal: (() => Promise<void>) | undefined;
}

/** What a system is made of. */
export interface RealSystemOptions {
  readonly harness: BrokerHarness;
  readonly queue: string;
  /** Resolves when what is there has surely arrived, and a broken connection had a moment to come back. */
  readonly patience: () => Promise<void>;
  /** A defect of a worker: it takes every ack for one that took. */
  readonly trustsAcks: boolean;
}

/** The system under test: a broker, a producer, and workers that come and go. */
export class RealSystem {
  readonly harness: BrokerHarness;
  readonly queue: string;
  readonly patience: () => Promise<void>;
  readonly trustsAcks: boolean;
  readonly producer: BrokerDriver;
  readonly #tasks: ReadonlyMap<string, TaskDefinition>;
  readonly #workers = new Map<string, WorkerProcess>();
  readonly #lost = new Set<Delivery>();

  constructor({ harness, queue, patience, trustsAcks }: RealSystemOptions) {
    this.harness = harness;
    this.queue = queue;
    this.patience = patience;
    this.trustsAcks = trustsAcks;
    this.producer = harness.createDriver();
    const app = new Chicory({ broker: this.producer });
    app.task("task", { retry: { maxRetries: MAX_RETRIES, delayMs: RETRY_DELAY_MS, jitter: false } }, () => undefined);
    const definition = app.tasks.get("task");
    this.#tasks = new Map(definition === undefined ? [] : [["task", definition]]);
  }

  get leaseMs(): number {
    return this.harness.leaseMs ?? 0;
  }

  findTask = (name: string): TaskDefinition | undefined => this.#tasks.get(name);

  has(name: string): boolean {
    return this.#workers.has(name);
  }

  isConnected(name: string): boolean {
    return this.#workers.get(name)?.heal === undefined;
  }

  /** Whether the broker told that a delivery is not its worker's own any more. */
  isLost(delivery: Delivery): boolean {
    return this.#lost.has(delivery);
  }

  /** Up to `max` deliveries that are there now, for a worker that is started if it does not run. */
  async receive(name: string, max: number): Promise<readonly Delivery[]> {
    return await this.ask(async () => {
      const { consumer } = await this.#open(name);
      const abort = new AbortController();
      const receiving = consumer.receive(max, abort.signal);
      await Promise.race([receiving.then(ignore, ignore), this.patience()]);
      abort.abort();
      return await receiving;
    });
  }

  /** Asks until it is answered: a connection that broke may be on its way back. */
  async ask<T>(question: () => Promise<T>): Promise<T> {
    for (let look = 1; ; look++) {
      try {
        return await question();
      } catch (error) {
        if (look === MAX_LOOKS) throw error;
        await this.patience();
      }
    }
  }

  consumer(name: string): Consumer {
    const worker = this.#workers.get(name);
    if (worker === undefined) throw new Error(`${name} does not run`);
    return worker.consumer;
  }

  async crash(name: string): Promise<void> {
    const worker = this.#workers.get(name);
    this.#workers.delete(name);
    if (worker !== undefined) await this.harness.crash(worker.driver);
  }

  async stop(name: string): Promise<void> {
    const worker = this.#workers.get(name);
    this.#workers.delete(name);
    await worker?.consumer.close();
    await worker?.driver.close();
  }

  async isolate(name: string): Promise<void> {
    const worker = this.#workers.get(name);
    if (worker !== undefined) worker.heal = await this.harness.isolate?.(worker.driver);
  }

  async heal(name: string): Promise<void> {
    const worker = this.#workers.get(name);
    await worker?.heal?.();
    if (worker !== undefined) worker.heal = undefined;
  }

  /** Ends every process gracefully. */
  async close(): Promise<void> {
    for (const name of [...this.#workers.keys()]) {
      await this.heal(name);
      await this.stop(name);
    }
    await this.producer.close();
  }

  async #open(name: string): Promise<WorkerProcess> {
    const open = this.#workers.get(name);
    if (open !== undefined) return open;
    const driver = this.harness.createDriver();
    const onLost = (deliveries: readonly Delivery[]) => {
      for (const delivery of deliveries) this.#lost.add(delivery);
    };
    const consumer = await driver.consume(this.queue, { worker: name, credits: 10, onLost });
    const worker: WorkerProcess = { driver, consumer, heal: undefined };
    this.#workers.set(name, worker);
    return worker;
  }
}

function ignore(): void {
  // Whoever awaits the receive itself sees what became of it.
}
