import { type Chicory, ConfigError, type Logger, WorkerError } from "@chicory/core";
import { sumOf } from "./counters.js";
import { Deadline, within } from "./deadline.js";
import { Emitter } from "./emitter.js";
import { QueueWorker } from "./queue-worker.js";
import { shutDown } from "./shutdown.js";
import { listenToProcess } from "./signals.js";
import { Watchdog } from "./watchdog.js";
import type { WorkerEvents } from "./worker-events.js";
import { resolveWorkerOptions, type WorkerOptions, type WorkerSettings } from "./worker-options.js";
import type { WorkerHealth, WorkerState, WorkerStats } from "./worker-stats.js";

/** Longest wait of a stop for a start under way, in milliseconds: it waits for the driver, whose calls are bounded. */
const OPENING_TIMEOUT_MS = 10_000;

/** How a worker is stopped. */
export interface StopOptions {
  /**
   * How long running handlers may take to end before their signals abort, in milliseconds. Default: the worker's
   * `shutdownTimeoutMs`. 0 stops now: signals abort, and what runs is given back without waiting for it.
   */
  readonly timeoutMs?: number | undefined;
}

/**
 * Runs the tasks of an app. A worker lives once: it is started, it stops, and another one is made if need be. It opens
 * the app's broker connection if nobody did, and leaves it open: whoever made the app closes it.
 */
export class Worker {
  readonly #app: Chicory;
  readonly #settings: WorkerSettings;
  readonly #logger: Logger;
  readonly #events: Emitter<WorkerEvents>;
  readonly #queues: readonly QueueWorker[];
  readonly #watchdog: Watchdog;
  readonly #startAbort = new AbortController();
  readonly #hurry = new AbortController();
  #state: WorkerState = "new";
  #starting: Promise<void> | undefined;
  #opening: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;
  #deadline: Deadline | undefined;
  #error: WorkerError | undefined;

  /** Reads config and connects to nothing. Throws a {@link ConfigError} that names what is not acceptable. */
  constructor(app: Chicory, options: WorkerOptions = {}) {
    const settings = resolveWorkerOptions(app, options);
    const { logger, stallTimeoutMs, recoveryTimeoutMs, zombieTimeoutMs } = settings;
    this.#app = app;
    this.#settings = settings;
    this.#logger = logger;
    this.#events = new Emitter(logger);
    this.#queues = settings.queues.map(
      (queue) =>
        new QueueWorker({
          queue,
          settings,
          app,
          events: this.#events,
          onFatal: (error) => this.#giveUp(error),
          onQuiet: () => this.#onQuiet(),
        }),
    );
    this.#watchdog = new Watchdog({
      limitsMs: [stallTimeoutMs, recoveryTimeoutMs, zombieTimeoutMs],
      onLook: () => this.#look(),
      onHeldUp: (lateMs) => this.#onHeldUp(lateMs),
    });
  }

  /** Name by which operators and dead letters know this worker. */
  get name(): string {
    return this.#settings.name;
  }

  /** The queues that it consumes. */
  get queues(): readonly string[] {
    return this.#settings.queues.map(({ name }) => name);
  }

  /**
   * Starts, and runs until SIGINT or SIGTERM, which stop it as {@link stop} does; a second signal stops it at once.
   * Resolves when it has stopped, also by `stop`. Rejects with a `WorkerError` when it cannot go on, after it has
   * stopped; a promise that is rejected and that nobody handles is such a reason. Keeps the process alive meanwhile.
   */
  async run(): Promise<void> {
    const stopListening = listenToProcess({
      onSignal: (signal, earlier) => {
        this.#logger.info({ signal }, earlier === 0 ? "The worker was asked to stop" : "The worker is to stop at once");
        void this.stop(earlier === 0 ? {} : { timeoutMs: 0 });
      },
      onUnhandledRejection: (reason) => {
        const advice = "find it by the cause's stack, and handle it where it is made";
        this.#giveUp(new WorkerError(`A promise was rejected that nobody handles: ${advice}`, { cause: reason }));
      },
    });
    try {
      this.#watchdog.start(true);
      await this.start();
      await this.#untilStopped();
      if (this.#error !== undefined) throw this.#error;
    } finally {
      this.#watchdog.stop();
      stopListening();
    }
  }

  /**
   * Connects and begins to consume. Rejects with a `WorkerError` whose cause is the broker's error if that is not
   * possible, or with a `ConfigError` if no broker can be chosen; the worker is stopped then. May be called twice. If
   * it is stopped meanwhile it resolves all the same.
   */
  start(): Promise<void> {
    if (this.#starting === undefined && this.#stopping !== undefined) {
      return Promise.reject(new WorkerError("The worker was stopped before: make another one"));
    }
    this.#starting ??= this.#start();
    return this.#starting;
  }

  /**
   * Stops: fetches no more, gives back at once what never started, lets handlers end until the timeout, aborts their
   * signals, gives back what is left, writes the last settlements. Resolves when the worker holds nothing any more,
   * within a bounded time whatever the broker does; rejects only for a timeout that is none. May be called at any time
   * and more than once: a later call can only shorten the wait.
   */
  stop({ timeoutMs = this.#settings.shutdownTimeoutMs }: StopOptions = {}): Promise<void> {
    if (!(timeoutMs >= 0)) return Promise.reject(new ConfigError("timeoutMs of a stop must be 0 or more milliseconds"));
    if (timeoutMs === 0) this.#hurry.abort();
    this.#deadline?.tighten(timeoutMs);
    this.#stopping ??= this.#stop(timeoutMs);
    return this.#stopping;
  }

  /** Calls the listener at every such event, until the returned function is called. What it throws is logged. */
  on<TName extends keyof WorkerEvents>(name: TName, listener: (event: WorkerEvents[TName]) => void): () => void {
    return this.#events.on(name, listener);
  }

  /** Counts since the start, and what is in flight now. */
  stats(): WorkerStats {
    const queues = this.#queues.map(({ stats }) => stats);
    const total = (read: (queue: (typeof queues)[number]) => number) =>
      queues.reduce((sum, queue) => sum + read(queue), 0);
    return {
      state: this.#state,
      running: total(({ running }) => running),
      waiting: total(({ waiting }) => waiting),
      settling: total(({ settling }) => settling),
      zombies: total(({ zombies }) => zombies),
      ...sumOf(queues),
      queues,
    };
  }

  /** Whether it makes progress, for a probe. */
  health(): WorkerHealth {
    const queues = this.#queues.map(({ health }) => health);
    return { ok: this.#state === "running" && queues.every(({ ok }) => ok), state: this.#state, queues };
  }

  async #start(): Promise<void> {
    this.#state = "starting";
    this.#opening = this.#open();
    try {
      await this.#opening;
    } catch (error) {
      // Asked to stop meanwhile: that this interrupted the start is no failure.
      if (this.#stopping !== undefined) return;
      const failure = toStartError(error);
      this.#error = failure instanceof WorkerError ? failure : undefined;
      await this.stop({ timeoutMs: 0 });
      throw failure;
    }
    if (this.#stopping !== undefined) return;
    this.#opening = undefined;
    this.#state = "running";
    this.#watchdog.start(false);
    this.#logger.info({ queues: this.#settings.queues }, "The worker consumes its queues");
    this.#events.emit("ready", { queues: this.queues });
  }

  async #open(): Promise<void> {
    await this.#app.broker.connect(this.#startAbort.signal);
    this.#startAbort.signal.throwIfAborted();
    const starts = await Promise.allSettled(this.#queues.map((queue) => queue.start()));
    for (const start of starts) if (start.status === "rejected") throw start.reason;
  }

  async #stop(timeoutMs: number): Promise<void> {
    const deadline = new Deadline(timeoutMs);
    this.#deadline = deadline;
    this.#state = "stopping";
    this.#events.emit("stopping", { error: this.#error });
    this.#startAbort.abort();
    // What a start has opened by then has to be closed; what it opens later is closed when it comes.
    if (this.#opening !== undefined)
      await within(
        OPENING_TIMEOUT_MS,
        this.#opening.catch(() => undefined),
      );
    const ended = await shutDown(this.#queues, deadline, this.#hurry.signal);
    deadline.cancel();
    this.#watchdog.stop();
    this.#state = "stopped";
    if (!ended) this.#logger.warn({}, "The worker stopped while tasks were running, and gave them back");
    this.#logger.info({}, "The worker has stopped");
    this.#events.emit("stopped", { error: this.#error });
  }

  /** Resolves when it has stopped, for whatever reason. */
  #untilStopped(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#state === "stopped") resolve();
      else this.#events.on("stopped", () => resolve());
    });
  }

  #giveUp(error: WorkerError): void {
    if (this.#stopping !== undefined) return;
    this.#logger.error({ err: error }, "The worker cannot go on");
    this.#error = error;
    void this.stop();
  }

  #look(): void {
    for (const queue of this.#queues) queue.check();
  }

  #onHeldUp(lateMs: number): void {
    this.#logger.warn({ lateMs }, "The event loop was held up: a task computes for long without a pause");
    for (const queue of this.#queues) queue.excuseSilence();
  }

  #onQuiet(): void {
    if (this.#events.has("idle") && this.#queues.every(({ quiet }) => quiet)) this.#events.emit("idle", {});
  }
}

function toStartError(error: unknown): Error {
  if (error instanceof ConfigError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new WorkerError(`The worker cannot start: ${reason}`, { cause: error });
}
