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
import { BLOCK_MS, IdleWaiter } from "./idle-waiter.js";
import { KeyBuilder } from "./keys.js";
import { Link } from "./link.js";
import { OutgoingMessages } from "./outgoing.js";
import { Publisher } from "./publisher.js";
import { QueueRegistry } from "./queue-registry.js";
import { QueueSession } from "./queue-session.js";
import { RedisAdmin } from "./redis-admin.js";
import { RedisConsumer } from "./redis-consumer.js";
import { checkServer } from "./server-check.js";

/** Longest time that closing a consumer or the driver takes, in milliseconds: also when the server is gone. */
const CLOSE_MS = 3_000;

interface OpenSession {
  readonly session: QueueSession;
  readonly opened: Promise<void>;
  readonly consumers: Set<RedisConsumer>;
}

/**
 * The driver: two connections to one server, one for blocking reads and one for everything else, whatever the number of
 * queues and consumers. The first is opened only when a consumer has nothing to do.
 */
export class RedisDriver implements BrokerDriver {
  readonly name = brokerName;
  readonly capabilities = capabilities;
  readonly admin: QueueAdmin;

  readonly #endpoint: Endpoint;
  readonly #leaseMs: number;
  readonly #logger: Logger;
  readonly #keys: KeyBuilder;
  readonly #outgoing: OutgoingMessages;
  readonly #commands: Link;
  readonly #blocking: Link;
  readonly #publisher: Publisher;
  readonly #registry: QueueRegistry;
  readonly #sessions = new Map<string, OpenSession>();
  readonly #leaving = new Map<string, Promise<void>>();
  readonly #publishing = new Set<Promise<void>>();
  readonly #nonce = randomBytes(4).toString("hex");
  #consumerName: string | undefined;
  #idleWaiter: IdleWaiter | undefined;
  #closing: Promise<void> | undefined;

  constructor(config: RedisConfig, logger: Logger) {
    this.#endpoint = endpointOf(config);
    this.#leaseMs = config.leaseMs;
    this.#logger = logger;
    this.#keys = new KeyBuilder(config.keyPrefix);
    this.#outgoing = new OutgoingMessages(this.#keys);
    this.#registry = new QueueRegistry(this.#keys, logger);
    const { address, commandTimeoutMs: waitMs } = this.#endpoint;
    this.#commands = new Link({
      open: (onEnd) => this.#open("commands", 0, onEnd),
      waitMs,
      logger,
      onUp: () => {
        this.#registry.reset();
        this.#recover();
      },
    });
    this.#blocking = new Link({
      open: (onEnd) => this.#open("blocking", BLOCK_MS, onEnd),
      waitMs,
      logger,
      onUp: () => this.#recover(),
    });
    this.#publisher = new Publisher({
      link: this.#commands,
      keys: this.#keys,
      outgoing: this.#outgoing,
      registry: this.#registry,
      address,
      maxLength: config.maxLength,
    });
    this.admin = new RedisAdmin(this.#commands, this.#keys, this.#outgoing, address);
  }

  async connect(signal?: AbortSignal): Promise<void> {
    this.#assertOpen();
    if (signal === undefined) {
      await this.#commands.ready();
      return;
    }
    signal.throwIfAborted();
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
    await Promise.race([this.#commands.ready(), aborted]);
  }

  async publish(messages: readonly OutgoingMessage[]): Promise<void> {
    this.#assertOpen();
    const publishing = this.#publisher.publish(messages);
    this.#publishing.add(publishing);
    try {
      await publishing;
    } finally {
      this.#publishing.delete(publishing);
    }
  }

  async consume(queue: string, options: ConsumeOptions): Promise<Consumer> {
    this.#assertOpen();
    assertQueueName(queue);
    await this.#leaving.get(queue);
    const open = this.#sessions.get(queue) ?? this.#openSession(queue, options.worker);
    const consumer = new RedisConsumer(queue, open.session, this.#outgoing, options.onLost, (leaver) =>
      this.#leave(queue, open, leaver),
    );
    open.consumers.add(consumer);
    try {
      await open.opened;
    } catch (error) {
      open.session.abandon();
      if (this.#sessions.get(queue) === open) this.#sessions.delete(queue);
      throw error;
    }
    if (this.#closing !== undefined) {
      await consumer.close();
      throw closed();
    }
    return consumer;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const consumers = [...this.#sessions.values()].flatMap((open) => [...open.consumers]);
    await Promise.all([
      ...consumers.map((consumer) => consumer.close()),
      within(CLOSE_MS, Promise.allSettled(this.#publishing)),
    ]);
    this.#idleWaiter?.close();
    this.#blocking.close();
    this.#commands.close();
  }

  #openSession(queue: string, worker: string): OpenSession {
    // One name for all queues of this process: its blocking read serves all of them at once.
    this.#consumerName ??= `${worker}:${this.#nonce}`;
    this.#idleWaiter ??= new IdleWaiter({
      blocking: this.#blocking,
      commands: this.#commands,
      consumer: this.#consumerName,
      logger: this.#logger,
    });
    const note = () => {
      const connection = this.#commands.current;
      if (connection !== undefined) this.#registry.note(connection, queue);
    };
    const session = new QueueSession({
      keys: this.#keys.queue(queue),
      consumer: this.#consumerName,
      leaseMs: this.#leaseMs,
      address: this.#endpoint.address,
      link: this.#commands,
      idleWaiter: this.#idleWaiter,
      outgoing: this.#outgoing,
      logger: this.#logger,
      onLost: (consumer, deliveries) => {
        if (consumer instanceof RedisConsumer) consumer.lost(deliveries);
      },
      onRepaired: () => {
        this.#registry.reset();
        note();
      },
    });
    const open = { session, opened: session.open().then(note), consumers: new Set<RedisConsumer>() };
    this.#sessions.set(queue, open);
    return open;
  }

  /** Gives back what a consumer holds, and ends the queue's session with its last one. */
  async #leave(queue: string, open: OpenSession, consumer: RedisConsumer): Promise<void> {
    const { session, consumers } = open;
    session.dismiss(consumer);
    const leaving = (async () => {
      await consumer.settled();
      await session.giveBack(consumer);
      consumers.delete(consumer);
      if (consumers.size > 0) return;
      this.#sessions.delete(queue);
      await session.close();
    })().catch((error: unknown) => {
      this.#logger.warn(
        { err: error, queue },
        "Messages could not be given back: they are taken over as from a dead worker",
      );
    });
    const bounded = within(CLOSE_MS, leaving).then((inTime) => {
      consumers.delete(consumer);
      if (inTime || consumers.size > 0) return;
      session.abandon();
      if (this.#sessions.get(queue) === open) this.#sessions.delete(queue);
    });
    this.#leaving.set(queue, bounded);
    await bounded;
    if (this.#leaving.get(queue) === bounded) this.#leaving.delete(queue);
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

  #recover(): void {
    for (const { session } of this.#sessions.values()) session.recover();
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw closed();
  }
}

function closed(): ClosedError {
  return new ClosedError("The Redis broker was closed: create a new one");
}

/** Whether the promise was settled within so many milliseconds. It must not reject. */
async function within(ms: number, promise: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, ms, false);
  });
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
