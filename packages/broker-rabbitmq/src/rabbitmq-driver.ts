import {
  type BrokerCapabilities,
  type BrokerDriver,
  type ConsumeOptions,
  type Consumer,
  type Logger,
  type OutgoingMessage,
  PublishError,
  type QueueAdmin,
} from "@chicory/core";
import { QueueCounter } from "./admin/queue-counter.js";
import { RabbitmqAdmin } from "./admin/rabbitmq-admin.js";
import { capabilitiesOf } from "./capabilities.js";
import { brokerName, type RabbitmqConfig } from "./config.js";
import { serverOf } from "./connection/endpoint.js";
import { Link } from "./connection/link.js";
import { ChannelSession } from "./consuming/channel-session.js";
import { RabbitmqConsumer } from "./consuming/rabbitmq-consumer.js";
import type { RabbitmqDelivery } from "./consuming/rabbitmq-delivery.js";
import { Settler } from "./consuming/settler.js";
import { closedError, codeOf } from "./errors.js";
import { Outbox } from "./publishing/outbox.js";
import { Publisher } from "./publishing/publisher.js";
import { RoomKeeper } from "./publishing/room-keeper.js";
import { Names } from "./topology/names.js";
import { SettingsBook } from "./topology/queue-settings.js";
import { Topology } from "./topology/topology.js";

/** A driver for one virtual host of a RabbitMQ server: two connections, opened when they are needed. */
export class RabbitmqDriver implements BrokerDriver {
  readonly name = brokerName;
  readonly capabilities: BrokerCapabilities;
  readonly admin: QueueAdmin;
  readonly #config: RabbitmqConfig;
  readonly #logger: Logger;
  readonly #names: Names;
  readonly #settings: SettingsBook;
  readonly #publishing: Link;
  readonly #consuming: Link;
  readonly #publisher: Publisher;
  readonly #outbox: Outbox;
  readonly #consumerTopology: Topology;
  readonly #consumers = new Set<RabbitmqConsumer>();
  #closing: Promise<void> | undefined;

  /** Opens nothing yet. Throws a `ConfigError` for a URL or a file that cannot be read. */
  constructor(config: RabbitmqConfig, logger: Logger) {
    const server = serverOf(config);
    const timeoutMs = config.commandTimeoutMs;
    this.#config = config;
    this.#logger = logger;
    this.#names = new Names(config.prefix);
    this.capabilities = capabilitiesOf(config);
    this.#publishing = new Link({ server, purpose: "publish", timeoutMs, logger });
    this.#consuming = new Link({ server, purpose: "consume", timeoutMs, logger });
    this.#publisher = new Publisher(this.#publishing, timeoutMs);
    const names = this.#names;
    const topology = new Topology({ config, names, link: this.#publishing, logger });
    // Of its own connection: one that publishes may be stopped by the server for a while.
    this.#consumerTopology = new Topology({ config, names, link: this.#consuming, logger });
    const counter = new QueueCounter(this.#consuming, timeoutMs);
    this.#settings = new SettingsBook(config, names, () => this.#publishing.version);
    const rooms = new RoomKeeper({
      settings: this.#settings,
      names,
      count: async (queue) => (await counter.count(queue)) ?? 0,
    });
    this.#outbox = new Outbox({ settings: this.#settings, names, topology, publisher: this.#publisher, rooms });
    this.admin = new RabbitmqAdmin({
      link: this.#consuming,
      names,
      counter,
      outbox: this.#outbox,
      timeoutMs,
      kept: (queue) => this.#kept(queue),
      assertOpen: () => this.#assertOpen(),
    });
  }

  async connect(signal?: AbortSignal): Promise<void> {
    this.#assertOpen();
    signal?.throwIfAborted();
    const connecting = Promise.all([this.#publishing.connection(), this.#consuming.connection()]);
    if (signal === undefined) {
      await connecting;
      return;
    }
    let onAbort: () => void = () => undefined;
    const aborted = new Promise<never>((_, reject) => {
      onAbort = () => reject(signal.reason);
      signal.addEventListener("abort", onAbort, { once: true });
    });
    connecting.catch(() => undefined);
    try {
      await Promise.race([connecting, aborted]);
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  async publish(messages: readonly OutgoingMessage[]): Promise<void> {
    this.#assertOpen();
    if (messages.length === 0) return;
    const failures = await this.#outbox.send(messages);
    const failed = messages.flatMap((message, index) => {
      const failure = failures[index];
      return failure === undefined ? [] : [{ message, ...failure }];
    });
    if (failed.length > 0) throw new PublishError(failed);
  }

  async consume(queue: string, options: ConsumeOptions): Promise<Consumer> {
    this.#assertOpen();
    const logger = this.#logger.child({ worker: options.worker });
    const consumer: RabbitmqConsumer = new RabbitmqConsumer({
      ...options,
      queue,
      logger,
      settler: new Settler(this.#names, this.#outbox),
      singleActive: this.#settings.of(queue).singleActive,
      openSession: (onArrival) => this.#openSession(queue, options, onArrival),
      onClose: () => this.#consumers.delete(consumer),
    });
    await consumer.open();
    const { warning } = this.#consumerTopology.consumerTimeout(queue, options.longestTaskMs);
    if (warning !== undefined) logger.warn({ queue }, warning);
    if (this.#closing !== undefined) {
      await consumer.close();
      throw closedError();
    }
    this.#consumers.add(consumer);
    return consumer;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Ends every connection at once and silently, as the end of the process would: for tests of what happens then. */
  crash(): void {
    for (const consumer of this.#consumers) consumer.crash();
    this.#consumers.clear();
    this.#publishing.destroy();
    this.#consuming.destroy();
  }

  async #openSession(
    queue: string,
    options: ConsumeOptions,
    onArrival: (delivery: RabbitmqDelivery) => void,
  ): Promise<ChannelSession> {
    await this.#consumerTopology.ensureQueue(queue, options.longestTaskMs);
    try {
      return await this.#openChannel(queue, options, onArrival);
    } catch (error) {
      if (!(error instanceof Error) || codeOf(error.cause) !== "NOT_FOUND") throw error;
    }
    // The queue was deleted since it was last declared.
    this.#consumerTopology.forget();
    await this.#consumerTopology.ensureQueue(queue, options.longestTaskMs);
    return await this.#openChannel(queue, options, onArrival);
  }

  async #openChannel(
    queue: string,
    { credits, longestTaskMs }: ConsumeOptions,
    onArrival: (delivery: RabbitmqDelivery) => void,
  ): Promise<ChannelSession> {
    const channel = await this.#consuming.channel();
    const { consumerArgument } = this.#consumerTopology.consumerTimeout(queue, longestTaskMs);
    const session = new ChannelSession(channel, {
      queue,
      serverQueue: this.#names.queue(queue),
      credits,
      consumerTimeoutMs: consumerArgument,
      timeoutMs: this.#config.commandTimeoutMs,
      onArrival,
    });
    await session.waiting();
    return session;
  }

  #kept(queue: string): number {
    let kept = 0;
    for (const consumer of this.#consumers) if (consumer.queue === queue) kept += consumer.kept;
    return kept;
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#consumers].map((consumer) => consumer.close()));
    await this.#publisher.close();
    await Promise.all([this.#publishing.close(), this.#consuming.close()]);
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw closedError();
  }
}
