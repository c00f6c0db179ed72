import { type Chicory, type Delivery, type Logger, WorkerError } from "@chicory/core";
import type { Emitter } from "./emitter.js";
import { Executor } from "./execution/executor.js";
import { InFlight } from "./execution/in-flight.js";
import { longestTaskMs } from "./execution/longest-task.js";
import { LookAhead } from "./execution/look-ahead.js";
import { Outage } from "./outage.js";
import type { ResolvedQueue } from "./queue-spec.js";
import { Reporter } from "./reporter.js";
import { openSession } from "./session/open-session.js";
import { QueueWatch } from "./session/queue-watch.js";
import type { Session } from "./session/session.js";
import { SessionKeeper } from "./session/session-keeper.js";
import { Turn } from "./turn.js";
import { Waiters } from "./waiters.js";
import type { WorkerEvents } from "./worker-events.js";
import type { WorkerSettings } from "./worker-options.js";
import type { QueueHealth, QueueStats } from "./worker-stats.js";

/**
 * Settlements that may be open before nothing more is fetched, as a multiple of the concurrency and at least so many:
 * a broker that takes no settlements must not fill the memory.
 */
const UNSETTLED_PER_SLOT = 4;
const MIN_UNSETTLED = 16;

/** How long a delivery may wait here for a slot before it is given back, in milliseconds. */
const MAX_WAIT_MS = 1_000;

/** What a queue's worker needs from the worker as a whole. */
export interface QueueWorkerOptions {
  readonly queue: ResolvedQueue;
  readonly settings: WorkerSettings;
  readonly app: Chicory;
  readonly events: Emitter<WorkerEvents>;
  /** The queue cannot go on by itself. */
  readonly onFatal: (error: WorkerError) => void;
  /** Nothing of this queue is in flight or open any more. */
  readonly onQuiet: () => void;
}

/** Consumes one queue: fetches, runs and settles, and replaces its consumer when that makes no progress. */
export class QueueWorker {
  readonly name: string;
  readonly #options: QueueWorkerOptions;
  readonly #logger: Logger;
  readonly #reporter: Reporter;
  readonly #lookAhead: LookAhead;
  readonly #fetching = new Outage();
  readonly #settling = new Outage();
  readonly #turn = new Turn(() => this.#advance());
  readonly #waiters = new Waiters();
  readonly #inFlight: InFlight;
  readonly #executor: Executor;
  readonly #watch: QueueWatch;
  readonly #keeper: SessionKeeper;
  #wasBusy = false;

  constructor(options: QueueWorkerOptions) {
    const { queue, settings, app, events } = options;
    const { concurrency } = queue;
    const { maxDeliveries, unknownTaskRetries, unknownTaskDelayMs, deadLetters, timeoutGraceMs } = settings;
    this.name = queue.name;
    this.#options = options;
    this.#logger = settings.logger.child({ queue: queue.name });
    this.#reporter = new Reporter(queue.name, events, this.#logger);
    this.#lookAhead = new LookAhead(settings.lookAhead);
    const onProgress = () => this.#turn.request();
    this.#inFlight = new InFlight(this.#reporter, onProgress);
    this.#executor = new Executor(this.#inFlight, {
      concurrency,
      admission: {
        maxDeliveries,
        unknownTask: { maxRetries: unknownTaskRetries, delayMs: unknownTaskDelayMs },
        worker: settings.name,
      },
      findTask: (name) => app.tasks.get(name),
      middleware: [...app.middleware, ...settings.middleware],
      logger: this.#logger,
      timeoutGraceMs,
      keepsDeadLetters: deadLetters,
      reporter: this.#reporter,
      lookAhead: this.#lookAhead,
      onProgress,
    });
    const { slots } = this.#inFlight;
    const outages = [this.#fetching, this.#settling];
    this.#watch = new QueueWatch({ queue: queue.name, concurrency, limits: settings, outages, slots });
    this.#keeper = new SessionKeeper({
      open: () => this.#open(),
      onOpened: (session) => this.#begin(session),
      // The consumer gives its deliveries back: what runs of them is not settled here any more.
      onClosing: () => this.#inFlight.loseAll(),
      onFatal: options.onFatal,
      outage: this.#fetching,
      reporter: this.#reporter,
    });
  }

  /** Whether something is in flight or open. */
  get quiet(): boolean {
    return this.#inFlight.size === 0 && this.#unsettled === 0;
  }

  get #unsettled(): number {
    return this.#keeper.session?.writer.unsettled ?? 0;
  }

  /** Begins to consume. Rejects with the driver's error. */
  start(): Promise<void> {
    return this.#keeper.start();
  }

  /** To be called regularly: replaces a consumer that is stuck, and gives up what cannot be repaired. */
  check(): void {
    if (this.#keeper.halted) return;
    const fetcher = this.#keeper.session?.fetcher;
    fetcher?.observe();
    for (const { run } of this.#inFlight.slots.takeNewZombies()) this.#reporter.zombie(run);
    const returned = this.#inFlight.returnWaitingLongerThan(MAX_WAIT_MS);
    if (returned > 0) this.#lookAhead.waitedTooLong(MAX_WAIT_MS);
    const verdict = this.#watch.inspect(fetcher?.silenceMs ?? 0);
    if (verdict.kind === "giveUp") this.#options.onFatal(verdict.error);
    if (verdict.kind === "rebuild") this.#onStall();
  }

  /** Does not count the time up to now as silence of the broker: this process was held up itself. */
  excuseSilence(): void {
    this.#keeper.session?.fetcher.excuseSilence();
  }

  /** Fetches no more, and gives back what never started. */
  halt(): void {
    this.#keeper.halt();
    this.#inFlight.halt();
    this.#turn.request();
  }

  /** Resolves when no handler runs whose outcome counts. */
  whenIdle(): Promise<void> {
    return this.#waiters.until(() => !this.#inFlight.busy);
  }

  /** Aborts the signals of running handlers. */
  abort(): void {
    this.#inFlight.abort();
  }

  /** Gives back what still runs. */
  abandon(): void {
    this.#inFlight.abandon();
  }

  /** Resolves when every settlement took or was lost. */
  whenSettled(): Promise<void> {
    return this.#waiters.until(() => this.#unsettled === 0);
  }

  /** Gives up the consumer. Resolves within a bounded time, and never rejects. */
  close(): Promise<void> {
    return this.#keeper.close();
  }

  get stats(): QueueStats {
    const { slots, waiting } = this.#inFlight;
    return {
      queue: this.name,
      concurrency: this.#options.queue.concurrency,
      running: slots.taken,
      waiting: waiting.length,
      settling: this.#unsettled,
      zombies: slots.zombies,
      ...this.#reporter.counters,
    };
  }

  get health(): QueueHealth {
    const { stallTimeoutMs } = this.#options.settings;
    const { failingMs } = this.#watch;
    const { session } = this.#keeper;
    const silenceMs = session?.fetcher.silenceMs ?? 0;
    return {
      queue: this.name,
      ok: failingMs <= stallTimeoutMs && silenceMs <= stallTimeoutMs,
      lastAnsweredAt: session?.consumer.lastAnsweredAt,
      failingMs,
    };
  }

  async #open(): Promise<Session> {
    const { app, queue, settings } = this.#options;
    const driver = await app.broker.driver();
    return openSession(driver, {
      queue,
      worker: settings.name,
      longestTaskMs: longestTaskMs(app.tasks.all(), settings.timeoutGraceMs),
      fetchesAhead: settings.lookAhead,
      lookAhead: this.#lookAhead,
      reporter: this.#reporter,
      fetching: this.#fetching,
      settling: this.#settling,
      inFlight: this.#inFlight,
      executor: this.#executor,
      room: () => this.#room(),
      onDeliveries: (deliveries) => this.#accept(deliveries),
      onClosed: () => this.#keeper.replace(),
      onProgress: () => this.#turn.request(),
    });
  }

  #begin(session: Session): void {
    this.#inFlight.use(session);
    this.#turn.request();
  }

  #accept(deliveries: readonly Delivery[]): void {
    this.#wasBusy = true;
    this.#inFlight.add(deliveries);
    this.#executor.fill();
    this.#turn.request();
  }

  /**
   * At the end of a turn: what has ended is settled, what there is room for is asked for, and only then is new work
   * started, after the driver had its chance to write: the broker works while the handlers do.
   */
  #advance(): void {
    const { session } = this.#keeper;
    session?.gate.flush();
    session?.writer.flush();
    session?.fetcher.fetch();
    if (this.#executor.canStart) process.nextTick(this.#fill);
    this.#waiters.check();
    if (!this.#wasBusy || !this.quiet) return;
    this.#wasBusy = false;
    this.#options.onQuiet();
  }

  readonly #fill = (): void => {
    this.#executor.fill();
  };

  #room(): number {
    const { concurrency } = this.#options.queue;
    if (this.#unsettled >= Math.max(concurrency * UNSETTLED_PER_SLOT, MIN_UNSETTLED)) return 0;
    const { slots, size } = this.#inFlight;
    // A slot that a zombie keeps is none that will soon be free.
    const ahead = this.#lookAhead.worthwhile ? concurrency - slots.zombies : 0;
    return concurrency + ahead - size;
  }

  #onStall(): void {
    const { stallTimeoutMs } = this.#options.settings;
    const error = new WorkerError(`The broker did not answer queue "${this.name}" for ${stallTimeoutMs} ms`);
    // Noted as an outage, so that a worker whose new consumers stall as well gives up in the end.
    this.#fetching.fail(error);
    this.#reporter.queueError(error, "A consumer makes no progress, and is replaced");
    this.#keeper.replace();
  }
}
