import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { ServerAddress } from "../workload.js";

/** Whose worker it is. */
export type WorkerKind = "chicory" | "bullmq";

/** What the worker's process tells from time to time. */
export interface WorkerReport {
  /** Tasks whose handlers it has called. */
  readonly executed: number;
  /** When it called the last of them, in milliseconds since the epoch. */
  readonly lastAt: number;
  /** Memory that its process takes, in bytes. */
  readonly rss: number;
}

const PROGRAM = fileURLToPath(new URL("./worker-process.js", import.meta.url));

/** A worker in a process of its own. Whoever makes it stops it. */
export class MeasuredWorker {
  readonly #process: ChildProcess;
  #report: WorkerReport = { executed: 0, lastAt: 0, rss: 0 };
  #peakRss = 0;
  #ended: Error | undefined;
  #waiting: { readonly count: number; readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];
  readonly #loaded: Promise<unknown>;

  constructor(kind: WorkerKind, { host, port }: ServerAddress) {
    this.#process = fork(PROGRAM, [kind, host, String(port)], { execArgv: ["--no-flush-bytecode"] });
    this.#process.on("message", (report: WorkerReport) => this.#take(report));
    this.#process.once("exit", (code, signal) => {
      this.#ended = new Error(`The worker's process ended with ${signal ?? `status ${code}`}`);
      for (const { reject } of this.#waiting.splice(0)) reject(this.#ended);
    });
    this.#loaded = Promise.race([once(this.#process, "message"), once(this.#process, "exit")]);
  }

  /** Tasks that were executed, by its last report. */
  get executed(): number {
    return this.#report.executed;
  }

  /** When the last of them was executed, in milliseconds since the epoch. */
  get lastAt(): number {
    return this.#report.lastAt;
  }

  /** Most memory that it was seen to take, in bytes. */
  get peakRss(): number {
    return this.#peakRss;
  }

  /** Resolves when the process has loaded its code and is connected: it needs only to be started. */
  async loaded(): Promise<void> {
    await this.#loaded;
  }

  /** Lets it execute tasks. */
  start(): void {
    this.#process.send("start");
  }

  /** Resolves when so many tasks were executed; rejects if the process ends before. */
  hasExecuted(count: number): Promise<void> {
    if (this.executed >= count) return Promise.resolve();
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

  #take(report: WorkerReport): void {
    this.#report = report;
    this.#peakRss = Math.max(this.#peakRss, report.rss);
    this.#waiting = this.#waiting.filter(({ count, resolve }) => {
      if (count > report.executed) return true;
      resolve();
      return false;
    });
  }
}
