import type { ConsumeOptions, Consumer, Logger } from "@chicory/core";
import type { Route, Servers } from "../connection/route.js";
import type { KeyBuilder } from "../keys.js";
import type { LeaseThread } from "../leases/lease-thread.js";
import type { WatchedQueue } from "../leases/lease-watch.js";
import type { OutgoingMessages } from "../publishing/outgoing.js";
import type { QueueRegistry } from "../publishing/queue-registry.js";
import { within } from "../within.js";
import { IdleWaiter } from "./idle-waiter.js";
import { QueueSession } from "./queue-session.js";
import { RedisConsumer } from "./redis-consumer.js";

/**
 * Longest time to give back what a closing consumer holds, and then again to end its queue's session, in milliseconds.
 * A server that is gone must not hold up the end of a process.
 */
const CLOSE_STEP_MS = 2_000;

/** What the consumers of a driver share. */
export interface RedisConsumersOptions {
  readonly servers: Servers;
  readonly keys: KeyBuilder;
  readonly outgoing: OutgoingMessages;
  readonly registry: QueueRegistry;
  readonly logger: Logger;
  readonly leaseMs: number;
  readonly leaseThread: LeaseThread;
  /** Tells this process from others with the same worker name. */
  readonly nonce: string;
}

interface OpenQueue {
  readonly session: QueueSession;
  readonly watched: WatchedQueue;
  readonly opened: Promise<void>;
  readonly consumers: Set<RedisConsumer>;
}

/** The consumers of a driver, and the one session that those of a queue share. */
export class RedisConsumers {
  readonly #options: RedisConsumersOptions;
  readonly #queues = new Map<string, OpenQueue>();
  readonly #leaving = new Map<string, Promise<void>>();
  /** Queues of which something that was handed out was let go, because it could not be given back. */
  readonly #unclean = new Set<string>();
  #name: string | undefined;
  /** One for each route of blocking reads: queues that share it are waited for together. */
  readonly #idleWaiters = new Map<Route, IdleWaiter>();

  constructor(options: RedisConsumersOptions) {
    this.#options = options;
  }

  /** Opens a consumer. Rejects with a `BrokerError`. */
  async open(queue: string, { worker, longestTaskMs, onLost }: ConsumeOptions): Promise<Consumer> {
    const { leaseThread } = this.#options;
    await this.#leaving.get(queue);
    const open = this.#queues.get(queue) ?? this.#openQueue(queue, worker);
    leaseThread.watch(queue, open.watched, longestTaskMs);
    const { session, consumers } = open;
    const consumer = new RedisConsumer(queue, session, this.#options.outgoing, onLost, (leaver) =>
      this.#leave(queue, open, leaver),
    );
    consumers.add(consumer);
    try {
      await open.opened;
    } catch (error) {
      session.abandon();
      if (this.#queues.get(queue) === open) this.#forget(queue);
      throw error;
    }
    return consumer;
  }

  /** Queues have a new connection: what the one before it left in doubt is cleared up. */
  recover(concerns: (queue: string) => boolean): void {
    for (const [queue, { session }] of this.#queues) {
      if (concerns(queue)) session.recover();
    }
  }

  /** Closes every consumer, in a bounded time. */
  async close(): Promise<void> {
    const all = [...this.#queues.values()].flatMap(({ consumers }) => [...consumers]);
    await Promise.all(all.map((consumer) => consumer.close()));
    for (const waiter of this.#idleWaiters.values()) waiter.close();
  }

  #openQueue(queue: string, worker: string): OpenQueue {
    const { servers, keys, outgoing, registry, logger, leaseMs, leaseThread, nonce } = this.#options;
    // One name for all queues of this process: its blocking read serves all of a server at once.
    this.#name ??= `${worker}:${nonce}`;
    const queueKeys = keys.queue(queue);
    const session = new QueueSession({
      keys: queueKeys,
      consumer: this.#name,
      leaseMs,
      route: servers.commands(queue),
      durable: servers.durable(queue),
      idleWaiter: this.#idleWaiterOf(queue, this.#name),
      outgoing,
      logger,
      countOwn: this.#unclean.has(queue),
      onHeld: () => leaseThread.start(),
      onLost: (consumer, deliveries) => {
        if (consumer instanceof RedisConsumer) consumer.lost(deliveries);
      },
      onRepaired: () => {
        registry.reset();
        registry.note(queue);
      },
    });
    const open = {
      session,
      watched: { queue, consumer: this.#name, streams: queueKeys.streams },
      opened: session.open().then(() => registry.note(queue)),
      consumers: new Set<RedisConsumer>(),
    };
    this.#queues.set(queue, open);
    return open;
  }

  #idleWaiterOf(queue: string, consumer: string): IdleWaiter {
    const { servers, logger } = this.#options;
    const blocking = servers.blocking(queue);
    const known = this.#idleWaiters.get(blocking);
    if (known !== undefined) return known;
    const waiter = new IdleWaiter({ blocking, commands: servers.commands(queue), consumer, logger });
    this.#idleWaiters.set(blocking, waiter);
    return waiter;
  }

  async #leave(queue: string, open: OpenQueue, consumer: RedisConsumer): Promise<void> {
    const leaving = this.#end(queue, open, consumer);
    this.#leaving.set(queue, leaving);
    await leaving;
    if (this.#leaving.get(queue) === leaving) this.#leaving.delete(queue);
  }

  /** Gives back what a consumer holds, and ends the queue's session with its last one. Never rejects. */
  async #end(queue: string, { session, consumers }: OpenQueue, consumer: RedisConsumer): Promise<void> {
    const { logger } = this.#options;
    session.dismiss(consumer);
    await within(
      CLOSE_STEP_MS,
      consumer
        .settled()
        .then(() => session.giveBack(consumer))
        .catch((error: unknown) => logger.debug({ err: error, queue }, "Giving messages back failed")),
    );
    const left = session.letGo(consumer);
    if (left > 0) {
      this.#unclean.add(queue);
      logger.warn({ queue, messages: left }, "Messages could not be given back: they are taken over after their lease");
    }
    consumers.delete(consumer);
    if (consumers.size > 0) return;
    this.#forget(queue);
    const closing = session
      .close()
      .catch((error: unknown) => logger.debug({ err: error, queue }, "A consumer could not take its leave"));
    if (!(await within(CLOSE_STEP_MS, closing))) session.abandon();
  }

  #forget(queue: string): void {
    this.#queues.delete(queue);
    this.#options.leaseThread.forget(queue);
  }
}
