import type { Logger } from "@chicory/core";
import { pauseMs } from "../connection/backoff.js";
import { pause } from "../connection/deadline.js";
import { unanswered } from "../errors.js";
import type { ChannelSession } from "./channel-session.js";

/**
 * How often an idle session is asked for an answer, in milliseconds: three times within the silence that the contract
 * allows.
 */
const CHECK_INTERVAL_MS = 5_000;

/** Checks in a row at which messages wait, there is room for them, and none came, until the session is given up. */
const MAX_STALLED_CHECKS = 6;

/** What a {@link SessionKeeper} needs. */
export interface SessionKeeperOptions {
  /** Opens a session; rejects with an error of Chicory's tree. */
  readonly open: () => Promise<ChannelSession>;
  /** A session is there; it is subscribed to if somebody waits. */
  readonly onOpen: (session: ChannelSession) => void;
  /** A session ended, and its deliveries are lost. */
  readonly onEnd: (session: ChannelSession, reason: Error) => void;
  /** There is no session, and for this reason the attempt to open one failed. */
  readonly onFailure: (error: Error) => void;
  /** The server answered. */
  readonly onAnswer: () => void;
  /** Whether messages may wait although this consumer has room, as for all but one with a single active consumer. */
  readonly mayBePassedOver: boolean;
  readonly logger: Logger;
}

/**
 * Keeps one session open for a consumer: watches it, and opens another when it ended, without waiting for whoever
 * still works on what came by the old one.
 */
export class SessionKeeper {
  readonly #options: SessionKeeperOptions;
  readonly #stopping = new AbortController();
  #session: ChannelSession | undefined;
  #watch: NodeJS.Timeout | undefined;

  constructor(options: SessionKeeperOptions) {
    this.#options = options;
  }

  /** The session, if there is one at the moment. */
  get session(): ChannelSession | undefined {
    return this.#session?.live === true ? this.#session : undefined;
  }

  /** Opens the first session, and rejects if that fails; from then on the keeper goes on by itself. */
  async start(): Promise<void> {
    const session = await this.#options.open();
    this.#run(session).catch((error: unknown) => {
      this.#options.logger.error({ reason: String(error) }, "A consumer cannot go on");
    });
  }

  /** Opens no other session. The last one is left to the caller. */
  stop(): void {
    this.#stopping.abort();
    clearInterval(this.#watch);
  }

  async #run(first: ChannelSession): Promise<void> {
    let next: ChannelSession | undefined = first;
    let failures = 0;
    while (!this.#stopping.signal.aborted) {
      if (next !== undefined) {
        failures = 0;
        await this.#keep(next);
        next = undefined;
      }
      if (this.#stopping.signal.aborted) return;
      await pause(failures === 0 ? 0 : pauseMs(failures), this.#stopping.signal);
      try {
        next = await this.#options.open();
        if (this.#stopping.signal.aborted) await next.close();
      } catch (error) {
        failures += 1;
        if (this.#stopping.signal.aborted) return;
        this.#options.logger.warn({ reason: String(error), failures }, "Consuming again failed");
        this.#options.onFailure(error instanceof Error ? error : new Error(String(error)));
      }
    }
  }

  async #keep(session: ChannelSession): Promise<void> {
    this.#session = session;
    this.#options.onOpen(session);
    this.#watchOver(session);
    const reason = await this.#endOf(session);
    clearInterval(this.#watch);
    if (reason === undefined) return;
    this.#session = undefined;
    this.#options.onEnd(session, reason);
  }

  /** The reason for which a session ended; undefined if the keeper was stopped before. Nothing of the session stays. */
  #endOf(session: ChannelSession): Promise<Error | undefined> {
    const { signal } = this.#stopping;
    return new Promise((resolve) => {
      const stop = (): void => resolve(undefined);
      signal.addEventListener("abort", stop, { once: true });
      void session.ended.then((reason) => {
        signal.removeEventListener("abort", stop);
        resolve(reason);
      });
    });
  }

  #watchOver(session: ChannelSession): void {
    let [arrivals, stalled, checking] = [0, 0, false];
    const check = async (): Promise<void> => {
      try {
        const waiting = await session.waiting();
        this.#options.onAnswer();
        const passedOver = waiting > 0 && session.subscribed && session.hasRoom && session.arrivals === arrivals;
        stalled = passedOver && !this.#options.mayBePassedOver ? stalled + 1 : 0;
        arrivals = session.arrivals;
        if (stalled >= MAX_STALLED_CHECKS) {
          session.fail(unanswered("send messages that wait", MAX_STALLED_CHECKS * CHECK_INTERVAL_MS));
        }
      } catch (error) {
        // A queue that is gone ended the channel already; one that is silent may have done worse.
        session.fail(error instanceof Error ? error : new Error(String(error)));
      }
    };
    this.#watch = setInterval(() => {
      if (checking) return;
      checking = true;
      void check().then(() => {
        checking = false;
      });
    }, CHECK_INTERVAL_MS);
    this.#watch.unref();
  }
}
