import type { ConsumeOptions, Consumer, Logger } from "@chicory/core";
import { IdleWaiter } from "./idle-waiter.js";
import type { KeyBuilder } from "./keys.js";
import type { LeaseThread } from "./lease-thread.js";
import type { WatchedQueue } from "./lease-watch.js";
import type { Link } from "./link.js";
import type { OutgoingMessages } from "./outgoing.js";
import type { QueueRegistry } from "./queue-registry.js";
import { QueueSession } from "./queue-session.js";
import { RedisConsumer } from "./redis-consumer.js";
import { within } from "./within.js";

/**
 * Longest time to give back what a closing consumer holds, and then again to end its queue's session, in milliseconds.
 * A server that is gone must not hold up the end of a process.
 */
const CLOSE_STEP_MS = 2_000;

/** What the consumers of a driver share. */
export interface RedisConsumersOptions {
  readonly commands: Link;
  readonly blocking: Link;
  readonly keys: KeyBuilder;
  readonly outgoing: OutgoingMessages;
  readonly registry: QueueRegistry;
  readonly logger: Logger;
  readonly address: string;
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
  #idleWaiter: IdleWaiter | undefined;

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

  /** A connection was made: what the one before it left in doubt is cleared up. */
  recover(): void {
    for (const { session } of this.#queues.values()) session.recover();
  }

  /** Closes every consumer, in a bounded time. */
  async close(): Promise<void> {
    const all = [...this.#queues.values()].flatMap(({ consumers }) => [...consumers]);
    await Promise.all(all.map((consumer) => consumer.close()));
    this.#idleWaiter?.close();
  }

  #openQueue(queue: string, worker: string): OpenQueue {
    const { commands, blocking, keys, outgoing, registry, logger, address, leaseMs, leaseThread, nonce } =
      this.#options;
    // One name for all queues of this process: its blocking read serves all of them at once.
    this.#name ??= `${worker}:${nonce}`;
    this.#idleWaiter ??= new IdleWaiter({ blocking, commands, consumer: this.#name, logger });
    const note = () => {
      if (commands.current !== undefined) registry.note(commands.current, queue);
    };
    const queueKeys = keys.queue(queue);
    const session = new QueueSession({
      keys: queueKeys,
      consumer: this.#name,
      leaseMs,
      address,
      link: commands,
      idleWaiter: this.#idleWaiter,
      outgoing,
      logger,
      countOwn: this.#unclean.has(queue),
      onHeld: () => leaseThread.start(),
      onLost: (consumer, deliveries) => {
        if (consumer instanceof RedisConsumer) consumer.lost(deliveries);
      },
      onRepaired: () => {
        registry.reset();
        note();
      },
    });
    const open = {
      session,
      watched: { consumer: this.#name, streams: queueKeys.streams },
      opened: session.open().then(note),
      consumers: new Set<RedisConsumer>(),
    };
    this.#queues.set(queue, open);
    return open;
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
