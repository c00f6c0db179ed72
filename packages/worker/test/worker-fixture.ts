import { type MemoryDriver, MemoryServer, memory, VirtualClock } from "@chicory/broker-memory";
import { Chicory, type DeadLetterRecord, type Logger, silentLogger } from "@chicory/core";
import { eventually } from "@chicory/test-servers";
import { Worker, type WorkerEvents, type WorkerOptions } from "../src/index.js";
import { FaultyDriver } from "./faulty-driver.js";

/** One event as it was told. */
export type Told = {
  [TName in keyof WorkerEvents]: { readonly event: TName; readonly payload: WorkerEvents[TName] };
}[keyof WorkerEvents];

const EVENTS: readonly (keyof WorkerEvents)[] = [
  "ready",
  "started",
  "succeeded",
  "retried",
  "deadLettered",
  "failed",
  "lost",
  "requeued",
  "unknownTask",
  "queueError",
  "rebuilt",
  "idle",
  "stopping",
  "stopped",
];

/** One line of a log. */
export interface LogLine {
  readonly level: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** An app on an embedded broker whose clock stands still, and its workers; what a test leaves behind is stopped. */
export class WorkerFixture {
  readonly clock = new VirtualClock();
  readonly server = new MemoryServer({ clock: this.clock });
  readonly memory: MemoryDriver;
  readonly driver: FaultyDriver;
  readonly app: Chicory;
  readonly log: LogLine[] = [];
  readonly #workers: Worker[] = [];

  constructor() {
    this.memory = memory({ server: this.server });
    this.driver = new FaultyDriver(this.memory);
    this.app = new Chicory({ broker: this.driver, logger: this.#logger({}) });
  }

  /** A worker with its events from now on; not started. */
  worker(options: WorkerOptions = {}): {
    readonly worker: Worker;
    readonly told: Told[];
    count(event: string): number;
  } {
    const worker = new Worker(this.app, { name: "w-test", ...options });
    this.#workers.push(worker);
    const told: Told[] = [];
    for (const event of EVENTS) worker.on(event, (payload) => void told.push({ event, payload } as Told));
    return { worker, told, count: (event) => told.filter((one) => one.event === event).length };
  }

  /** A worker that has started. */
  async started(options: WorkerOptions = {}): Promise<ReturnType<WorkerFixture["worker"]>> {
    const made = this.worker(options);
    await made.worker.start();
    return made;
  }

  /** Takes a message as another process would, and dies with it. Its lease is over when this resolves. */
  async crashWith(queue: string): Promise<void> {
    const driver = memory({ server: this.server });
    const consumer = await driver.consume(queue, { worker: "w-dead", credits: 1 });
    await consumer.receive(1, new AbortController().signal);
    driver.crash();
    await this.clock.advance(120_000);
  }

  /** Puts a body into a queue as it is. */
  async put(queue: string, body: string | Uint8Array): Promise<void> {
    await this.memory.publish([{ id: "foreign", queue, body, mode: "at-least-once", priority: 0 }]);
  }

  /** Records of a queue's dead letters, oldest first, once there are `count`. */
  async deadLetters(queue: string, count = 1): Promise<readonly DeadLetterRecord[]> {
    const letters = await eventually(
      async () => {
        const page = await this.app.broker.deadLetters(queue).list();
        return page.letters.length === count && page.letters;
      },
      { what: `${count} dead letters in ${queue}` },
    );
    return letters.map(({ record }) => record);
  }

  /** Waits until the broker holds nothing for the queue but dead letters. */
  async drained(queue: string): Promise<void> {
    await eventually(
      async () => {
        const { ready, delayed, inFlight } = await this.app.broker.depth(queue);
        return ready + (delayed ?? 0) + (inFlight ?? 0) === 0;
      },
      { what: `${queue} to be empty` },
    );
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.stop({ timeoutMs: 0 })));
    await this.app.close();
  }

  #logger(bound: Readonly<Record<string, unknown>>): Logger {
    const write = (level: string) => (fields: Readonly<Record<string, unknown>>, message: string) =>
      void this.log.push({ level, fields: { ...bound, ...fields }, message });
    return {
      ...silentLogger,
      debug: write("debug"),
      info: write("info"),
      warn: write("warn"),
      error: write("error"),
      child: (fields) => this.#logger({ ...bound, ...fields }),
    };
  }
}
