import { randomBytes } from "node:crypto";
import {
  assertQueueName,
  type BrokerDriver,
  ClosedError,
  type ConsumeOptions,
  type Consumer,
  type Logger,
  type OutgoingMessage,
  type QueueAdmin,
} from "@chicory/core";
import { capabilities } from "./capabilities.js";
import { brokerName, type RedisConfig } from "./config.js";
import { Connection } from "./connection.js";
import { type Endpoint, endpointOf } from "./endpoint.js";
import { greet } from "./handshake.js";
import { BLOCK_MS } from "./idle-waiter.js";
import { KeyBuilder } from "./keys.js";
import { LeaseThread } from "./lease-thread.js";
import { Link } from "./link.js";
import { OutgoingMessages } from "./outgoing.js";
import { Publisher } from "./publisher.js";
import { QueueRegistry } from "./queue-registry.js";
import { RedisAdmin } from "./redis-admin.js";
import { RedisConsumers } from "./redis-consumers.js";
import { checkServer } from "./server-check.js";
import { within } from "./within.js";

/** Longest wait for publishes that are under way when the driver closes, in milliseconds. */
const CLOSE_MS = 3_000;

/**
 * The driver: two connections to one server, one for blocking reads and one for everything else, whatever the number of
 * queues and consumers. The first is opened only when a consumer has nothing to do. While a task blocks the event loop,
 * a thread keeps the leases by a third one.
 */
export class RedisDriver implements BrokerDriver {
  readonly name = brokerName;
  readonly capabilities = capabilities;
  readonly admin: QueueAdmin;

  readonly #endpoint: Endpoint;
  readonly #logger: Logger;
  readonly #nonce = randomBytes(4).toString("hex");
  readonly #commands: Link;
  readonly #blocking: Link;
  readonly #publisher: Publisher;
  readonly #consumers: RedisConsumers;
  readonly #leaseThread: LeaseThread;
  #closing: Promise<void> | undefined;

  constructor(config: RedisConfig, logger: Logger) {
    this.#endpoint = endpointOf(config);
    this.#logger = logger;
    const { address, commandTimeoutMs: waitMs } = this.#endpoint;
    const { leaseMs, maxLength } = config;
    const keys = new KeyBuilder(config.keyPrefix);
    const outgoing = new OutgoingMessages(keys);
    const registry = new QueueRegistry(keys, logger);
    const commands = new Link({
      open: (onEnd) => this.#open("commands", 0, onEnd),
      waitMs,
      logger,
      onUp: () => {
        registry.reset();
        this.#consumers.recover();
      },
    });
    const blocking = new Link({
      open: (onEnd) => this.#open("blocking", BLOCK_MS, onEnd),
      waitMs,
      logger,
      onUp: () => this.#consumers.recover(),
    });
    this.#commands = commands;
    this.#blocking = blocking;
    this.#publisher = new Publisher({ link: commands, keys, outgoing, registry, address, maxLength });
    const nonce = this.#nonce;
    this.#leaseThread = new LeaseThread({ config, connectionName: `chicory:leases:${nonce}`, logger });
    this.#consumers = new RedisConsumers({
      commands,
      blocking,
      keys,
      outgoing,
      registry,
      logger,
      address,
      leaseMs,
      leaseThread: this.#leaseThread,
      nonce,
    });
    this.admin = new RedisAdmin(commands, keys, outgoing, address);
  }

  async connect(signal?: AbortSignal): Promise<void> {
    this.#assertOpen();
    if (signal === undefined) {
      await this.#commands.ready();
      return;
    }
    signal.throwIfAborted();
    let onAbort: () => void = () => undefined;
    const aborted = new Promise<never>((_, reject) => {
      onAbort = () => reject(signal.reason);
      signal.addEventListener("abort", onAbort, { once: true });
    });
    try {
      await Promise.race([this.#commands.ready(), aborted]);
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  publish(messages: readonly OutgoingMessage[]): Promise<void> {
    return this.#closing === undefined ? this.#publisher.publish(messages) : Promise.reject(closed());
  }

  async consume(queue: string, options: ConsumeOptions): Promise<Consumer> {
    this.#assertOpen();
    const consumer = await this.#consumers.open(assertQueueName(queue), options);
    if (this.#closing === undefined) return consumer;
    await consumer.close();
    throw closed();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await Promise.all([this.#consumers.close(), within(CLOSE_MS, this.#publisher.idle())]);
    this.#blocking.close();
    this.#commands.close();
    await this.#leaseThread.close();
  }

  async #open(role: string, blockMs: number, onEnd: () => void): Promise<Connection> {
    const endpoint = this.#endpoint;
    const connection = await Connection.open(endpoint, { blockMs, onEnd });
    try {
      await greet(connection, endpoint, `chicory:${role}:${this.#nonce}`, this.#logger);
      if (blockMs === 0) await checkServer(connection, endpoint.address, this.#logger);
    } catch (error) {
      connection.close();
      throw error;
    }
    return connection;
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw closed();
  }
}

function closed(): ClosedError {
  return new ClosedError("The Redis broker was closed: create a new one");
}
