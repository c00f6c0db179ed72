import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { Logger } from "@chicory/core";
import type { RedisConfig } from "../config.js";
import { lookIntervalMs } from "./lease-deputy.js";
import type { LeaseThreadData, LeaseThreadNews, LeaseWatch, WatchedQueue } from "./lease-watch.js";
import { Pulse } from "./pulse.js";

/** The thread's program, which the build puts beside this one. */
const PROGRAM = "./lease-thread-program.js";

/** Silence of an event loop after which it counts as hung if nobody said how long a task may take, in milliseconds. */
const DEFAULT_PATIENCE_MS = 600_000;

/** Least time from the end of a thread that nobody asked for to the start of another one, in milliseconds. */
const RESTART_MS = 10_000;

/** Memory that the thread may use, in megabytes: several times what it needs to renew for thousands of entries. */
const THREAD_LIMITS = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 64 };

/** What a thread is made for. */
export interface LeaseThreadOptions {
  readonly config: RedisConfig;
  readonly nonce: string;
  readonly logger: Logger;
  /** Where the program is, and how soon it is started again; for tests. */
  readonly program?: URL | undefined;
  readonly restartMs?: number;
}

/**
 * The thread of a driver that keeps its leases while the event loop is blocked. It is started when something is held
 * for the first time, does not keep the process alive, and ends with the driver. Where there can be none, that is
 * logged once, and leases are renewed by the event loop alone.
 */
export class LeaseThread {
  readonly #options: LeaseThreadOptions;
  readonly #pulse = new Pulse();
  readonly #queues = new Map<string, WatchedQueue>();
  #patienceMs = 0;
  #thread: Worker | undefined;
  #ticker: NodeJS.Timeout | undefined;
  #wanted: boolean;
  #restartAt = 0;

  constructor(options: LeaseThreadOptions) {
    this.#options = options;
    this.#wanted = options.config.leaseThread;
  }

  /** Whether a thread runs. */
  get running(): boolean {
    return this.#thread !== undefined;
  }

  /** What is held of this queue from now on is kept as well. `longestTaskMs` is how long a task may take, if known. */
  watch(name: string, queue: WatchedQueue, longestTaskMs = DEFAULT_PATIENCE_MS): void {
    this.#patienceMs = Math.max(this.#patienceMs, longestTaskMs);
    this.#queues.set(name, queue);
    this.#thread?.postMessage(this.#watched);
  }

  /** Nothing of this queue is held any more. */
  forget(name: string): void {
    if (this.#queues.delete(name)) this.#thread?.postMessage(this.#watched);
  }

  /** Something is held: starts the thread unless it runs. Cheap, and never throws. */
  start(): void {
    if (this.#thread === undefined && this.#wanted) this.#start();
  }

  /** Ends the thread. Never rejects; may be called twice. */
  async close(): Promise<void> {
    this.#wanted = false;
    clearInterval(this.#ticker);
    await this.#thread?.terminate();
  }

  get #watched(): LeaseWatch {
    return { patienceMs: this.#patienceMs, queues: [...this.#queues.values()] };
  }

  #start(): void {
    if (performance.now() < this.#restartAt) return;
    const { config, nonce, program = programBeside(import.meta.url) } = this.#options;
    if (program === undefined) {
      this.#unavailable(new Error("its program is not beside the driver's: leave this package out of the bundle"));
      return;
    }
    const workerData: LeaseThreadData = {
      config,
      nonce,
      pulse: this.#pulse.memory,
      watch: this.#watched,
    };
    try {
      const thread = new Worker(program, {
        workerData,
        name: "chicory-leases",
        // What else the process preloads (loaders, instruments) is not for this thread.
        execArgv: [],
        env: { ...process.env, NODE_OPTIONS: "" },
        resourceLimits: THREAD_LIMITS,
      });
      this.#use(thread);
    } catch (error) {
      this.#unavailable(error);
    }
  }

  #use(thread: Worker): void {
    const { config, logger } = this.#options;
    let ready = false;
    let failure: unknown;
    thread.unref();
    thread.on("message", (news: LeaseThreadNews) => {
      if (news.kind === "ready") ready = true;
      else logger[news.line.level](news.line.fields, news.line.message);
    });
    thread.on("error", (error) => {
      failure = error;
    });
    thread.on("exit", () => {
      this.#thread = undefined;
      if (!this.#wanted) return;
      if (ready) this.#ended(failure);
      else this.#unavailable(failure);
    });
    this.#thread = thread;
    this.#pulse.beat();
    this.#ticker ??= setInterval(() => {
      this.#pulse.beat();
      this.start();
    }, lookIntervalMs(config.leaseMs)).unref();
  }

  #ended(error: unknown): void {
    const { restartMs = RESTART_MS, logger } = this.#options;
    this.#restartAt = performance.now() + restartMs;
    logger.warn({ err: error }, "The thread that renews leases ended, and is started again");
  }

  #unavailable(error: unknown): void {
    const { config, logger } = this.#options;
    this.#wanted = false;
    clearInterval(this.#ticker);
    logger.warn(
      { err: error, leaseMs: config.leaseMs },
      "No thread can renew leases: a task that blocks the event loop for longer than the lease may be run twice",
    );
  }
}

/** Where the program is; undefined in a bundle, or where the driver runs from its sources. */
function programBeside(module: string): URL | undefined {
  if (!URL.canParse(PROGRAM, module)) return undefined;
  const url = new URL(PROGRAM, module);
  return url.protocol === "file:" && existsSync(fileURLToPath(url)) ? url : undefined;
}
