import { ClosedError, WorkerError } from "@chicory/core";
import { within } from "../deadline.js";
import type { Outage } from "../outage.js";
import type { Reporter } from "../reporter.js";
import type { Session } from "./session.js";

/** Longest wait of a close for a replacement under way, in milliseconds: it waits for the driver, whose calls are bounded. */
const REPLACE_TIMEOUT_MS = 10_000;

/** What a keeper needs from its queue. */
export interface SessionKeeperOptions {
  readonly open: () => Promise<Session>;
  readonly onOpened: (session: Session) => void;
  /** A session is about to be closed: what is not settled goes back to the broker with it. */
  readonly onClosing: () => void;
  readonly onFatal: (error: WorkerError) => void;
  /** What is noted here makes the worker give up when it lasts too long. */
  readonly outage: Outage;
  readonly reporter: Reporter;
}

/** Keeps one session of a queue open: opens it, replaces it when that is asked for, closes it. */
export class SessionKeeper {
  readonly #options: SessionKeeperOptions;
  readonly #halt = new AbortController();
  #session: Session | undefined;
  #replacing: Promise<void> | undefined;
  #closed = false;
  #endPause: () => void = () => undefined;

  constructor(options: SessionKeeperOptions) {
    this.#options = options;
  }

  /** The open session; undefined before the start, and while it is replaced. */
  get session(): Session | undefined {
    return this.#session;
  }

  /** Whether {@link halt} was called. */
  get halted(): boolean {
    return this.#halt.signal.aborted;
  }

  /** Opens the first session. Rejects with the driver's error. */
  async start(): Promise<void> {
    await this.#begin(await this.#options.open());
  }

  /** Closes the session and opens another one, as often as it takes. Does nothing while that is under way. */
  replace(): void {
    if (this.halted || this.#replacing !== undefined) return;
    this.#replacing = this.#replace().finally(() => {
      this.#replacing = undefined;
    });
  }

  /** Fetches no more and opens nothing more; what is open stays so until {@link close}. */
  halt(): void {
    this.#halt.abort();
    this.#endPause();
    this.#session?.stopFetching();
  }

  /** Closes the session. Resolves within a bounded time and never rejects. One that is opened later is closed at once. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#replacing !== undefined) await within(REPLACE_TIMEOUT_MS, this.#replacing);
    if (this.#session !== undefined) await this.#end(this.#session);
  }

  async #begin(session: Session): Promise<void> {
    if (this.#closed) {
      await this.#end(session);
      return;
    }
    this.#session = session;
    if (this.halted) session.stopFetching();
    this.#options.onOpened(session);
  }

  /** Never rejects: what cannot be repaired is fatal. */
  async #replace(): Promise<void> {
    const { open, outage, reporter, onFatal } = this.#options;
    if (this.#session !== undefined) await this.#end(this.#session);
    while (!this.halted) {
      try {
        await this.#begin(await open());
        reporter.rebuilt();
        return;
      } catch (error) {
        const pauseMs = outage.fail(error);
        reporter.queueError(error, "A queue cannot be consumed");
        if (error instanceof ClosedError) {
          const advice = "The app was closed while its worker ran: stop the worker first";
          onFatal(new WorkerError(advice, { cause: error }));
          return;
        }
        await this.#pause(pauseMs);
      }
    }
  }

  /** Ends early at a halt. By the global timers, so that a test that puts a clock in their place has hold of it. */
  async #pause(ms: number): Promise<void> {
    if (this.halted) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms).unref();
      this.#endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #end(session: Session): Promise<void> {
    if (this.#session === session) this.#session = undefined;
    this.#options.onClosing();
    try {
      await session.close();
    } catch (error) {
      const what = "A consumer could not be closed: what it held is taken over by others";
      this.#options.reporter.queueError(error, what);
    }
  }
}
