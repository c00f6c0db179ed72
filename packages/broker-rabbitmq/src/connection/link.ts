import { ConnectionError, type Logger } from "@chicory/core";
import type { Channel, Connection } from "rabbitmq-client";
import { closedError, fromChannel, fromConnect, unanswered } from "../errors.js";
import { pauseMs } from "./backoff.js";
import { pause, within } from "./deadline.js";
import type { Endpoint, Server } from "./endpoint.js";
import { openConnection } from "./open-connection.js";
import type { ServerVersion } from "./server-version.js";

/** Longest wait for a polite end of a connection, in milliseconds. */
const CLOSE_TIMEOUT_MS = 2_000;

/** What a {@link Link} needs. */
export interface LinkOptions {
  readonly server: Server;
  /** "publish" or "consume": part of the connection's name. */
  readonly purpose: string;
  readonly timeoutMs: number;
  readonly logger: Logger;
}

/**
 * One connection to the server, opened when it is needed and again after it broke. Publishing and consuming have one
 * each: a server that is short of memory stops reading from connections that publish, acks included.
 */
export class Link {
  readonly #options: LinkOptions;
  readonly #closing = new AbortController();
  #endpoints: readonly Endpoint[];
  #connection: Connection | undefined;
  #opening: Promise<Connection> | undefined;
  #failures = 0;
  #blocked: { readonly reason: string; readonly over: Promise<void>; readonly end: () => void } | undefined;
  #generation = 0;
  #version: ServerVersion | undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
    // Clients that all begin with the same node would leave the others idle.
    this.#endpoints = shuffled(options.server.endpoints);
  }

  /** Counts connections: what was declared or opened under another number must be done again. */
  get generation(): number {
    return this.#generation;
  }

  /** Version of the server of the latest connection; undefined before the first one, and where it does not say. */
  get version(): ServerVersion | undefined {
    return this.#version;
  }

  /** Why the server takes no messages at the moment; undefined if it does. */
  get blockedReason(): string | undefined {
    return this.#blocked?.reason;
  }

  /** Resolves once the server takes messages again, or the connection is gone. */
  async unblocked(): Promise<void> {
    await this.#blocked?.over;
  }

  /** The open connection; opens it if there is none, trying every node once. Rejects with an error of Chicory's tree. */
  connection(): Promise<Connection> {
    if (this.#closing.signal.aborted) return Promise.reject(closedError());
    if (this.#connection !== undefined) return Promise.resolve(this.#connection);
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  /**
   * A new channel, whose errors are its own. The caller closes it. A connection on which none is opened in time is given
   * up: a server reads nothing more from one while a channel of it is stuck, as on a node that hangs, and goes on to
   * send heartbeats.
   */
  async channel(): Promise<Channel> {
    const connection = await this.connection();
    const { timeoutMs } = this.#options;
    const opening = connection.acquire({ emitErrorsFromChannel: true });
    const late = unanswered("open a channel", timeoutMs);
    try {
      const channel = await within(opening, timeoutMs, () => late);
      // An error event without a listener would end the process; who needs the reason listens too.
      channel.on("error", () => undefined);
      return channel;
    } catch (error) {
      opening.then(
        (late) => void late.close(),
        () => undefined,
      );
      // One that is short of memory does not read either, and says so.
      if (error === late && this.#blocked === undefined) this.#abandon(connection);
      throw fromChannel(error, "open a channel");
    }
  }

  /** Closes the connection. Channels must be closed by now: those that are not are cut. May be called twice. */
  async close(): Promise<void> {
    this.#closing.abort(closedError());
    const connection = this.#connection;
    this.#drop();
    if (connection === undefined) return;
    try {
      await within(connection.close(), CLOSE_TIMEOUT_MS, () => unanswered("end a connection", CLOSE_TIMEOUT_MS));
    } catch {
      // It is cut instead: the server notices by itself.
    }
    connection.unsafeDestroy();
  }

  /** Cuts the connection without a goodbye and opens no other, as the end of the process would. */
  destroy(): void {
    this.#closing.abort(closedError());
    const connection = this.#connection;
    this.#drop();
    connection?.unsafeDestroy();
  }

  async #open(): Promise<Connection> {
    if (this.#failures > 0) await pause(pauseMs(this.#failures), this.#closing.signal);
    let first: unknown;
    for (const endpoint of this.#endpoints) {
      try {
        const connection = await this.#openAt(endpoint);
        this.#failures = 0;
        return connection;
      } catch (error) {
        if (!(error instanceof ConnectionError)) {
          this.#failures += 1;
          throw error;
        }
        first ??= error;
      }
    }
    this.#failures += 1;
    throw first;
  }

  async #openAt(endpoint: Endpoint): Promise<Connection> {
    const { server, purpose, logger } = this.#options;
    const address = `${endpoint.host}:${endpoint.port}`;
    const opened = await openConnection(server.options(endpoint, purpose), this.#closing.signal).catch((error) => {
      throw fromConnect(error, address, server.vhost, server.username);
    });
    const { connection, version } = opened;
    this.#connection = connection;
    this.#version = version;
    this.#generation += 1;
    connection.on("error", (error) => {
      if (this.#connection !== connection) return;
      this.#drop();
      connection.unsafeDestroy();
      // The node that just failed is the last to be tried again.
      this.#endpoints = [...this.#endpoints.filter((other) => other !== endpoint), endpoint];
      logger.warn({ address, purpose, reason: String(error) }, "The connection to RabbitMQ broke");
    });
    connection.on("connection.blocked", (reason) => this.#block(String(reason)));
    connection.on("connection.unblocked", () => this.#unblock());
    logger.debug({ address, purpose, version }, "Connected to RabbitMQ");
    return connection;
  }

  /** Gives up a connection that does not answer; the next use opens another one. */
  #abandon(connection: Connection): void {
    if (this.#connection === connection) this.#drop();
    connection.unsafeDestroy();
  }

  #block(reason: string): void {
    if (this.#blocked !== undefined) return;
    this.#options.logger.warn({ reason }, "RabbitMQ takes no messages, being short of memory or disk");
    let end: () => void = () => undefined;
    const over = new Promise<void>((resolve) => {
      end = resolve;
    });
    this.#blocked = { reason, over, end };
  }

  #unblock(): void {
    this.#blocked?.end();
    this.#blocked = undefined;
  }

  #drop(): void {
    this.#connection = undefined;
    this.#generation += 1;
    this.#unblock();
  }
}

function shuffled<T>(items: readonly T[]): readonly T[] {
  return items
    .map((item) => ({ item, key: Math.random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}
