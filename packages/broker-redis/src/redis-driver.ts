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
import { RedisAdmin } from "./admin/redis-admin.js";
import { capabilities } from "./capabilities.js";
import { brokerName, type RedisConfig } from "./config.js";
import type { Reach } from "./connection/opener.js";
import type { Servers } from "./connection/route.js";
import { openServers } from "./connection/servers.js";
import { RedisConsumers } from "./consuming/redis-consumers.js";
import { KeyBuilder } from "./keys.js";
import { LeaseThread } from "./leases/lease-thread.js";
import { OutgoingMessages } from "./publishing/outgoing.js";
import { Publisher } from "./publishing/publisher.js";
import { QueueRegistry } from "./publishing/queue-registry.js";
import { within } from "./within.js";

/** Longest wait for publishes that are under way when the driver closes, in milliseconds. */
const CLOSE_MS = 3_000;

/** The driver: what it does with messages, on whichever servers they are. */
export class RedisDriver implements BrokerDriver {
  readonly name = brokerName;
  readonly capabilities = capabilities;
  readonly admin: QueueAdmin;

  readonly #servers: Servers;
  readonly #publisher: Publisher;
  readonly #consumers: RedisConsumers;
  readonly #leaseThread: LeaseThread;
  #closing: Promise<void> | undefined;

  /** `reach` says where a server is really reached that announces itself under another address. */
  constructor(config: RedisConfig, logger: Logger, reach?: Reach) {
    const { leaseMs, maxLength } = config;
    const nonce = randomBytes(4).toString("hex");
    const keys = new KeyBuilder(config.keyPrefix);
    const outgoing = new OutgoingMessages(keys);
    const servers = openServers({
      config,
      nonce,
      logger,
      reach,
      registryKey: keys.registry,
      onUp: (concerns) => {
        registry.reset();
        this.#consumers.recover(concerns);
      },
    });
    const registry = new QueueRegistry(servers.registry, keys.registry, logger);
    const leaseThread = new LeaseThread({ config, nonce: `leases:${nonce}`, logger });
    this.#servers = servers;
    this.#leaseThread = leaseThread;
    this.#publisher = new Publisher({ servers, keys, outgoing, registry, maxLength });
    this.#consumers = new RedisConsumers({ servers, keys, outgoing, registry, logger, leaseMs, leaseThread, nonce });
    this.admin = new RedisAdmin(servers, keys, outgoing);
  }

  async connect(signal?: AbortSignal): Promise<void> {
    this.#assertOpen();
    if (signal === undefined) {
      await this.#servers.connect();
      return;
    }
    signal.throwIfAborted();
    let onAbort: () => void = () => undefined;
    const aborted = new Promise<never>((_, reject) => {
      onAbort = () => reject(signal.reason);
      signal.addEventListener("abort", onAbort, { once: true });
    });
    try {
      await Promise.race([this.#servers.connect(), aborted]);
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
    this.#servers.close();
    await this.#leaseThread.close();
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw closed();
  }
}

function closed(): ClosedError {
  return new ClosedError("The Redis broker was closed: create a new one");
}
