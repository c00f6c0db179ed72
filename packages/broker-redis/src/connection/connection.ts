import { ConnectionError } from "@chicory/core";
import { Redis } from "ioredis";
import { fromCommand, fromConnect, TIMED_OUT, UnansweredError } from "../errors.js";
import type { Argument } from "../scripts/script.js";
import { AnswerWatch } from "./answer-watch.js";
import { CommandPacker } from "./command-packer.js";
import type { Endpoint } from "./endpoint.js";
import { PackedCommand } from "./packed-command.js";
import type { Channel } from "./route.js";

/** How long the other side may take to finish an orderly end before the socket is destroyed, in milliseconds. */
const DISCONNECT_MS = 100;

/** First TCP keep-alive probe after this much silence, in milliseconds. */
const KEEP_ALIVE_MS = 30_000;

/** What a connection needs besides the endpoint. */
export interface ConnectionOptions {
  /** Longest time that a command may wait on the server by itself (a blocking read); 0 for none. */
  readonly blockMs: number;
  /** Called once when the connection is over, for whatever reason. */
  readonly onEnd: () => void;
}

/**
 * One client of the library for one TCP connection. It never reconnects, queues or repeats anything: when the
 * connection breaks, every command that was written rejects as unanswered, and the object is done for.
 *
 * A command that is not answered in time ends the connection too: its answer would come at a moment when nobody knows
 * any more what it is for, and entries in it would be forgotten.
 */
export class Connection implements Channel {
  readonly address: string;
  readonly #redis: Redis;
  readonly #packer = new CommandPacker();
  readonly #onEnd: () => void;
  /** Also what notices a dead socket: every command has an answer to wait for. */
  readonly #watch: AnswerWatch;
  #failure: unknown;
  #ended = false;
  #disconnecting = false;

  private constructor(endpoint: Endpoint, { blockMs, onEnd }: ConnectionOptions) {
    this.address = endpoint.address;
    this.#onEnd = onEnd;
    this.#watch = new AnswerWatch(endpoint.commandTimeoutMs + blockMs, () => {
      this.#failure ??= new Error(TIMED_OUT);
      this.close();
    });
    this.#redis = new Redis({
      ...(endpoint.socketPath === undefined
        ? { host: endpoint.host, port: endpoint.port }
        : { path: endpoint.socketPath }),
      ...(endpoint.tls === undefined ? {} : { tls: endpoint.tls }),
      lazyConnect: true,
      // The library's own reconnecting repeats commands, parks clients and hides outages: a new object instead.
      retryStrategy: () => null,
      maxRetriesPerRequest: 0,
      enableOfflineQueue: false,
      // Its checks and greetings write to the console where the server refuses them: the handshake is ours.
      enableReadyCheck: false,
      disableClientInfo: true,
      // Nothing of the newer protocol is used, and the older one works behind every proxy.
      protocol: 2,
      connectTimeout: endpoint.connectTimeoutMs,
      disconnectTimeout: DISCONNECT_MS,
      keepAlive: KEEP_ALIVE_MS,
    });
    this.#redis.on("error", (error) => {
      this.#failure ??= error;
    });
    this.#redis.on("end", () => this.#end());
  }

  /** Opens a TCP or TLS connection. Rejects with a `ConnectionError`, or a `ConfigError` about TLS. */
  static async open(endpoint: Endpoint, options: ConnectionOptions): Promise<Connection> {
    const connection = new Connection(endpoint, options);
    try {
      await connection.#redis.connect();
    } catch (error) {
      connection.close();
      throw fromConnect(connection.#failure ?? error, endpoint.address, endpoint.tls !== undefined);
    }
    return connection;
  }

  /** Whether commands can be written. */
  get usable(): boolean {
    return !this.#ended && this.#redis.status === "ready";
  }

  /** Writes a command at once, or rejects. Bulk strings of the reply are Buffers. */
  command(name: string, args: Argument[]): Promise<unknown> {
    if (!this.usable) return Promise.reject(new ConnectionError(`Redis at ${this.address} is not connected`));
    const command = new PackedCommand(name, args, this.#packer);
    // The command's own promise; the method's return type is wider than what it returns.
    const answer = this.#redis.sendCommand(command) as Promise<unknown>;
    this.#watch.written();
    const answered = (reply: unknown) => {
      this.#watch.answered();
      return reply;
    };
    return answer.then(answered, (error: unknown) => {
      this.#watch.answered();
      const failure = fromCommand(this.#blame(error), this.address, false);
      if (failure instanceof UnansweredError) this.close();
      throw failure;
    });
  }

  /** Gives the connection up. Commands that wait reject as unanswered. May be called twice. */
  close(): void {
    this.#end();
    // Every command that was out says so again, and the library starts a timer and a listener for each.
    if (this.#disconnecting) return;
    this.#disconnecting = true;
    this.#redis.disconnect();
  }

  /** The library says only that the connection closed; the socket's error before it says why. */
  #blame(error: unknown): unknown {
    const closed = error instanceof Error && error.message === "Connection is closed.";
    return closed ? (this.#failure ?? error) : error;
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#watch.stop();
    this.#onEnd();
  }
}
