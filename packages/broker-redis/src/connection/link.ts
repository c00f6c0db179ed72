import { ClosedError, ConnectionError, type Logger } from "@chicory/core";
import { serverErrorCode } from "../errors.js";
import { pauseBeforeAttempt } from "./backoff.js";
import type { Connection } from "./connection.js";
import type { Channel, Route } from "./route.js";

/** Pause between two questions whether the server is still there, in milliseconds: an idle link would not notice. */
const PROBE_MS = 10_000;

/** A connection that lived shorter than this was no success: the pauses go on growing. In milliseconds. */
const STABLE_MS = 2_000;

/** Least time between two connections that are given up because of what the server answered, in milliseconds. */
const REPLACE_MS = 1_000;

/** How a link gets and watches its connections. */
export interface LinkOptions {
  /** The server as error messages name it while there is no connection. */
  readonly address: string;
  /** Opens one connection that is ready for use; must call `onEnd` once when it is over. */
  readonly open: (onEnd: () => void) => Promise<Connection>;
  /** Longest wait of {@link Link.ready} while reconnecting, in milliseconds. */
  readonly waitMs: number;
  readonly logger: Logger;
  /** Asked now and then: whether another server has taken the place of the one behind this connection. Must not reject. */
  readonly isReplaced?: ((connection: Connection) => Promise<boolean>) | undefined;
  /** Called for every connection that was opened, the first included. Must not throw. */
  readonly onUp?: (connection: Connection) => void;
  /** Called whenever a connection broke. Must not throw. */
  readonly onDown?: () => void;
}

interface Waiting {
  readonly resolve: (connection: Connection) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/**
 * Keeps one connection open: opens it at first use, and a new one whenever it breaks, with a growing and jittered
 * pause, until it is closed. A first use that fails leaves nothing behind, so that the next one tries again.
 */
export class Link implements Route {
  readonly #options: LinkOptions;
  #connection: Connection | undefined;
  #opening: Promise<Connection> | undefined;
  #reconnecting = false;
  #closed = false;
  #waiting = new Set<Waiting>();
  #pause: NodeJS.Timeout | undefined;
  #probe: NodeJS.Timeout | undefined;
  #attempt = 0;
  #openedAt = 0;
  #lastFailure: Error | undefined;
  #replacedAt = Number.NEGATIVE_INFINITY;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  get address(): string {
    return this.current?.address ?? this.#options.address;
  }

  /** Whether the connection broke and is not restored yet. */
  get broken(): boolean {
    return this.#reconnecting;
  }

  /** The connection, if there is one that commands can be written to. */
  get current(): Connection | undefined {
    return this.#connection?.usable === true ? this.#connection : undefined;
  }

  /**
   * The connection as soon as there is one. Before the first one was open, rejects with the reason of the first
   * attempt; later waits a bounded time for the link to be restored.
   */
  ready(): Promise<Connection> {
    if (this.#closed) return Promise.reject(new ClosedError("The Redis broker was closed"));
    const { current } = this;
    if (current !== undefined) return Promise.resolve(current);
    if (!this.#reconnecting) return this.#openFirst();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(waiting);
        reject(this.#lastFailure ?? new ConnectionError("The connection to Redis is not restored yet"));
      }, this.#options.waitMs);
      const waiting = { resolve, reject, timer };
      this.#waiting.add(waiting);
    });
  }

  /**
   * Gives this connection up for a new one if this error says that the server behind it is of no use any more, as when
   * it became a replica. At most once in a while, since the new one may lead to the same server.
   */
  reconsider(connection: Channel, error: Error): void {
    const now = performance.now();
    if (connection !== this.#connection || !isUseless(error) || now - this.#replacedAt < REPLACE_MS) return;
    this.#replacedAt = now;
    this.#connection.close();
  }

  /** Gives a connection to any other server than this one up for a new one. */
  follow(address: string): void {
    if (this.#connection !== undefined && this.#connection.address !== address) this.#connection.close();
  }

  /** Gives everything up; those who wait reject. May be called twice. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#pause);
    clearInterval(this.#probe);
    this.#connection?.close();
    this.#settle((waiting) => waiting.reject(new ClosedError("The Redis broker was closed")));
  }

  #openFirst(): Promise<Connection> {
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  async #open(): Promise<Connection> {
    let opened: Connection | undefined;
    let over = false;
    opened = await this.#options.open(() => {
      over = true;
      if (opened !== undefined && this.#connection === opened) this.#lost();
    });
    if (this.#closed) {
      opened.close();
      throw new ClosedError("The Redis broker was closed");
    }
    if (over) throw new ConnectionError("The connection to Redis broke as soon as it was open");
    this.#use(opened);
    return opened;
  }

  #use(connection: Connection): void {
    this.#connection = connection;
    this.#openedAt = performance.now();
    this.#probe = setInterval(() => void this.#look(connection), PROBE_MS).unref();
    this.#options.onUp?.(connection);
  }

  async #look(connection: Connection): Promise<void> {
    // Whether the answer is a refusal does not matter; without one the connection ends itself.
    void connection.command("ping", []).catch(() => undefined);
    if (await this.#options.isReplaced?.(connection)) connection.close();
  }

  #lost(): void {
    this.#connection = undefined;
    clearInterval(this.#probe);
    if (this.#closed) return;
    this.#options.logger.warn({}, "The connection to Redis broke, reconnecting");
    this.#reconnecting = true;
    this.#lastFailure = undefined;
    this.#options.onDown?.();
    if (performance.now() - this.#openedAt > STABLE_MS) this.#attempt = 0;
    this.#reconnect();
  }

  #reconnect(): void {
    // Not unref'd: it stands for the socket that keeps a worker's process alive when all is well.
    this.#pause = setTimeout(() => {
      this.#open().then(
        (connection) => {
          this.#reconnecting = false;
          this.#options.logger.info({}, "The connection to Redis is restored");
          this.#settle((waiting) => waiting.resolve(connection));
        },
        (error: Error) => {
          if (this.#closed) return;
          this.#lastFailure = error;
          this.#options.logger.debug({ err: error }, "Reconnecting to Redis failed");
          this.#reconnect();
        },
      );
    }, pauseBeforeAttempt(this.#attempt));
    this.#attempt += 1;
  }

  #settle(act: (waiting: Waiting) => void): void {
    const all = this.#waiting;
    this.#waiting = new Set();
    for (const waiting of all) {
      clearTimeout(waiting.timer);
      act(waiting);
    }
  }
}

function isUseless(error: Error): boolean {
  const code = serverErrorCode(error);
  return code === "READONLY" || code === "MASTERDOWN";
}
