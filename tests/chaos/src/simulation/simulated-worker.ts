import type { MemoryDriver } from "@chicory/broker-memory";
import type { BrokerDriver } from "@chicory/core";
import { Worker, type WorkerOptions } from "@chicory/worker";
import { noteOutcomes } from "../workers/note-outcomes.js";
import type { Chronicle } from "./chronicle.js";
import { CONCURRENCY, MAX_DELIVERIES, type SimulatedKind } from "./program.js";
import { createSimulatedApp, KINDS } from "./simulated-app.js";

/** What a worker process of the simulation is made of. */
export interface SimulatedWorkerOptions {
  readonly name: string;
  readonly queues: readonly string[];
  /** The process's connection, which can be made to crash. */
  readonly connection: MemoryDriver;
  /** What the worker has for a driver: the connection, or a defect around it. */
  readonly driver: BrokerDriver;
  readonly chronicle: Chronicle;
  /** The priority under which the broker handed a task out last. */
  readonly priorityOf: (id: string) => number | undefined;
  readonly knowsFresh: boolean;
  readonly mendedAt: number;
  readonly settings: WorkerOptions;
  readonly extraRetries: number;
  /** Whether a stop ends the process at once, as some do. */
  readonly stopsAtOnce: boolean;
  /** A task wants this process to die. */
  readonly onPoison: (worker: SimulatedWorker) => void;
}

/** A worker process: a real worker, which can be killed, cut off and stopped. Whoever makes it ends it. */
export class SimulatedWorker {
  readonly name: string;
  readonly #options: SimulatedWorkerOptions;
  readonly #worker: Worker;
  readonly #ended: Promise<unknown>[] = [];
  #alive = true;
  #isolated = false;
  #stopping = false;

  constructor(options: SimulatedWorkerOptions) {
    const { name, queues, driver, chronicle, knowsFresh, settings, extraRetries, mendedAt } = options;
    this.name = name;
    this.#options = options;
    const kinds = (Object.keys(KINDS) as SimulatedKind[]).filter((kind) => kind !== "fresh" || knowsFresh);
    const { app } = createSimulatedApp({
      driver,
      chronicle,
      process: name,
      isAlive: () => this.#alive,
      kinds,
      extraRetries,
      mendedAt,
      priorityOf: options.priorityOf,
      onPoison: () => {
        if (this.#alive) options.onPoison(this);
      },
    });
    this.#worker = new Worker(app, {
      name,
      queues,
      concurrency: CONCURRENCY,
      maxDeliveries: MAX_DELIVERIES,
      unknownTaskRetries: 100,
      unknownTaskDelayMs: 200,
      ...settings,
    });
    this.#note();
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Whether it reaches the server. */
  get connected(): boolean {
    return this.#alive && !this.#isolated;
  }

  async start(): Promise<void> {
    await this.#worker.start();
  }

  /** Kills the process: nothing is given back, and nothing more is heard of it. */
  kill(): void {
    const { chronicle, connection } = this.#options;
    chronicle.write({ kind: "nemesis", op: "kill", phase: "begin", target: this.name });
    chronicle.write({ kind: "worker-exit", worker: this.name, code: null, signal: "SIGKILL", asked: true });
    this.#alive = false;
    connection.crash();
    // Only its timers end: it reaches the server no more, and is heard no more.
    this.#ended.push(this.#worker.stop({ timeoutMs: 0 }));
  }

  /** Asks the process to stop, and resolves when it has ended. */
  async stop(): Promise<void> {
    const { chronicle, connection, stopsAtOnce } = this.#options;
    if (!this.#alive) return;
    this.#stopping = true;
    if (stopsAtOnce) {
      this.#alive = false;
      connection.crash();
    }
    await this.#worker.stop();
    this.#alive = false;
    chronicle.write({ kind: "worker-exit", worker: this.name, code: 0, signal: null, asked: true });
  }

  /** Cuts the process off; the returned function mends that. */
  isolate(): () => void {
    const { chronicle, connection } = this.#options;
    chronicle.write({ kind: "nemesis", op: "isolate", phase: "begin", target: this.name });
    const heal = connection.isolate();
    this.#isolated = true;
    return () => {
      this.#isolated = false;
      heal();
      chronicle.write({ kind: "nemesis", op: "isolate", phase: "end", target: this.name });
    };
  }

  /** Resolves when nothing of a killed process is left. */
  async gone(): Promise<void> {
    await Promise.all(this.#ended);
  }

  #note(): void {
    const { chronicle } = this.#options;
    const worker = this.name;
    noteOutcomes(this.#worker, worker, (event) => {
      if (this.#alive) chronicle.write(event);
    });
    this.#worker.on("stopped", ({ error }) => {
      if (!this.#alive || this.#stopping || error === undefined) return;
      this.#alive = false;
      chronicle.write({ kind: "worker-exit", worker, code: 1, signal: null, asked: false });
    });
  }
}
