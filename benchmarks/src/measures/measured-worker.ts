import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { ServerAddress } from "../workload.js";

/** Queue and task of the worker. */
export const MEASURED_QUEUE = "bench";
export const MEASURED_TASK = "noop";

/** What the worker's process tells from time to time. */
export interface WorkerReport {
  /** Tasks that it has executed and settled. */
  readonly succeeded: number;
  /** Memory that its process takes, in bytes. */
  readonly rss: number;
}

const PROGRAM = fileURLToPath(new URL("./worker-process.js", import.meta.url));

/** A Chicory worker in a process of its own. Whoever starts it stops it. */
export class MeasuredWorker {
  readonly #process: ChildProcess;
  #succeeded = 0;
  #peakRss = 0;
  #ended: Error | undefined;
  #waiting: { readonly count: number; readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];

  constructor({ host, port }: ServerAddress) {
    this.#process = fork(PROGRAM, [host, String(port)]);
    this.#process.on("message", (report: WorkerReport) => this.#take(report));
    this.#process.once("exit", (code, signal) => {
      this.#ended = new Error(`The worker's process ended with ${signal ?? `status ${code}`}`);
      for (const { reject } of this.#waiting.splice(0)) reject(this.#ended);
    });
  }

  /** Tasks that were executed, by its last report. */
  get succeeded(): number {
    return this.#succeeded;
  }

  /** Most memory that it was seen to take, in bytes. */
  get peakRss(): number {
    return this.#peakRss;
  }

  /** Resolves when so many tasks were executed; rejects if the process ends before. */
  executed(count: number): Promise<void> {
    if (this.#succeeded >= count) return Promise.resolve();
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => this.#waiting.push({ count, resolve, reject }));
  }

  /** Stops the worker gracefully. Resolves when its process is gone; may be called twice. */
  async stop(): Promise<void> {
    const { exitCode, signalCode, connected } = this.#process;
    if (exitCode !== null || signalCode !== null) return;
    const gone = once(this.#process, "exit");
    if (connected) this.#process.send("stop");
    await gone;
  }

  #take({ succeeded, rss }: WorkerReport): void {
    this.#succeeded = succeeded;
    this.#peakRss = Math.max(this.#peakRss, rss);
    this.#waiting = this.#waiting.filter(({ count, resolve }) => {
      if (count > succeeded) return true;
      resolve();
      return false;
    });
  }
}
