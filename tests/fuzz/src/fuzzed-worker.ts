import { Chicory, type Logger, type StandardSchema, type Task, type TaskContext } from "@chicory/core";
import { Worker } from "@chicory/worker";
import { ANY_TASK, PAYLOAD_MARK, TEXT_TASK } from "./envelopes.js";

/** Queue that everything bad is put into. */
export const QUEUE = "fuzz";

/** Names that are odd and valid; the worker consumes them too. */
export const ODD_QUEUES = ["..", "-", "CON", "a".repeat(120)] as const;

const onlyText: StandardSchema<string> = {
  "~standard": {
    version: 1,
    vendor: "fuzz",
    validate: (value) =>
      typeof value === "string" ? { value } : { issues: [{ message: "Expected a string", path: ["input"] }] },
  },
};

/** A worker in this process that notes what it ran, what it logged, and what must never happen beside it. */
export class FuzzedWorker {
  readonly app: Chicory;
  /** The task that takes any input. */
  readonly task: Task<unknown>;
  /** How often a handler ran, by the message's id. */
  readonly runs = new Map<string, number>();
  /** Log lines that quote a payload, rejections that nobody handled. */
  readonly wrong: string[] = [];
  readonly #worker: Worker;
  readonly #onRejection = (reason: unknown): void => {
    this.wrong.push(`a rejection that nobody handles: ${String(reason)}`);
  };

  constructor(broker: ConstructorParameters<typeof Chicory>[0]) {
    this.app = new Chicory({ ...broker, logger: this.#logger() });
    const note = async (_input: unknown, { id }: TaskContext): Promise<void> => {
      this.runs.set(id, (this.runs.get(id) ?? 0) + 1);
    };
    this.task = this.app.task(ANY_TASK, { queue: QUEUE }, note);
    this.app.task(TEXT_TASK, { queue: QUEUE, input: onlyText }, note);
    this.#worker = new Worker(this.app, { queues: [QUEUE, ...ODD_QUEUES], concurrency: 64, unknownTaskRetries: 0 });
  }

  async start(): Promise<void> {
    process.on("unhandledRejection", this.#onRejection);
    await this.#worker.start();
  }

  /** Whether nothing is in this worker's hands. */
  get idle(): boolean {
    const { running, waiting, settling, zombies } = this.#worker.stats();
    return running + waiting + settling + zombies === 0;
  }

  /** Why it is not well, or undefined. */
  get illness(): string | undefined {
    if (this.#worker.stats().state !== "running") return "the worker stopped by itself";
    if (!this.#worker.health().ok) return "the worker's health is not ok";
    if (Reflect.get({}, "polluted") !== undefined) return "Object.prototype was changed";
    return Object.keys(Object.prototype).length > 0 ? "Object.prototype has new properties" : this.wrong.shift();
  }

  async stop(): Promise<void> {
    await this.#worker.stop();
    await this.app.close();
    process.off("unhandledRejection", this.#onRejection);
  }

  #logger(): Logger {
    const look = (all: object, message: string): void => {
      // A damaged body may have a payload for a name, and names are logged; the others as a careless logger prints them.
      const fields = { ...all, task: undefined, id: undefined };
      const line = `${message} ${JSON.stringify(fields, (_, value: unknown) => (value instanceof Error ? readable(value) : value))}`;
      if (line.includes(PAYLOAD_MARK)) this.wrong.push(`a log line quotes a payload: ${line.slice(0, 500)}`);
    };
    const logger: Logger = { debug: look, info: look, warn: look, error: look, child: () => logger };
    return logger;
  }
}

function readable(error: Error): string {
  return `${error.stack ?? String(error)} ${error.cause instanceof Error ? readable(error.cause) : ""}`;
}
