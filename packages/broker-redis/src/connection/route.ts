import type { CommandChannel } from "../scripts/script.js";

/** A way to write commands to one server, while it lasts. */
export interface Channel extends CommandChannel {
  /** The server behind it as error messages name it. */
  readonly address: string;
}

/** The way to the server that keeps certain keys, whichever server that is at the moment. */
export interface Route {
  /** The server at the end of it as error messages name it; the configured one before any is known. */
  readonly address: string;

  /** The channel, if there is one that commands can be written to. */
  readonly current: Channel | undefined;

  /**
   * The channel as soon as there is one. Before the first one was open, rejects with the reason of the first attempt;
   * later waits a bounded time for the way to be restored.
   */
  ready(): Promise<Channel>;

  /** Looks for another server if this error of the channel says that the one behind it is of no use any more. */
  reconsider(channel: Channel, error: Error): void;
}

/** The servers that keep the queues: one, the master of a Sentinel group, or the masters of a cluster. */
export interface Servers {
  /** The way to a queue's keys. */
  commands(queue: string): Route;

  /**
   * The way of a queue's blocking reads, which serves nothing else. Queues with the same route can be read together.
   */
  blocking(queue: string): Route;

  /** The way to a queue's keys for what must survive the loss of a server; undefined where nothing must. */
  durable(queue: string): Route | undefined;

  /** The way to the set of queue names. */
  readonly registry: Route;

  /** Connects; see `BrokerDriver.connect`. */
  connect(): Promise<void>;

  /** Gives every connection up. May be called twice. */
  close(): void;
}
