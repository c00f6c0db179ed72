import type { DeliveryMode } from "../delivery-mode.js";
import type { BrokerDriver } from "../driver/driver.js";
import type { MessageRoute, OutgoingMessage } from "../driver/outgoing-message.js";
import type { QueueDepth } from "../driver/queue-admin.js";
import { ClosedError, UnsupportedError } from "../errors/broker-error.js";
import { ConfigError } from "../errors/config-error.js";
import { PublishError } from "../errors/publish-error.js";
import { assertQueueName, DEFAULT_QUEUE } from "../queue-name.js";
import { encodeEnvelope } from "../wire/encode.js";
import { EnvelopeFrame } from "../wire/envelope-frame.js";
import type { Message } from "../wire/message.js";
import { randomId } from "../wire/random-id.js";
import { DeadLetters } from "./dead-letters.js";
import { GroupCommit } from "./group-commit.js";
import { RepeatingPublisher } from "./repeating-publisher.js";

/** Where and how a message is published. */
export interface PublishOptions {
  /** Default "default". */
  readonly queue?: string;
  /** Milliseconds for which a message with the same id and queue is not stored again. Needs `capabilities.dedupe`. */
  readonly dedupeMs?: number;
  /**
   * Publishes to this exchange instead of a queue: its bindings decide which queues get a copy. Needs
   * `capabilities.routing`.
   */
  readonly exchange?: string;
  /** Default empty. */
  readonly routingKey?: string;
  /** For an exchange that routes by headers. */
  readonly routingHeaders?: Readonly<Record<string, string | number | boolean>>;
}

/** What a broker needs from its app. */
export interface BrokerSettings {
  /** Makes the driver; called when it is first needed, and again after a failure. */
  readonly openDriver: () => Promise<BrokerDriver>;
  readonly maxMessageBytes: number;
  readonly publishTimeoutMs: number;
  readonly defaultMode: DeliveryMode;
}

/**
 * An app's connection to its broker: typed messages on top of a driver. It opens the driver when it is first needed,
 * joins single sends into batches, repeats what may be repeated, and bounds size and time.
 *
 * Owned by the app, which closes it.
 */
export class Broker {
  readonly #settings: BrokerSettings;
  readonly #commits: GroupCommit;
  #opening: Promise<BrokerDriver> | undefined;
  #opened = false;
  #closing: Promise<void> | undefined;

  constructor(settings: BrokerSettings) {
    this.#settings = settings;
    const publisher = new RepeatingPublisher({ driver: () => this.#driver() });
    const write = (messages: readonly OutgoingMessage[], deadline: number) => publisher.publish(messages, deadline);
    this.#commits = new GroupCommit(write, settings.publishTimeoutMs);
  }

  /** The driver, for its name, capabilities and consumers. Rejects with a `ConfigError` if no broker can be chosen. */
  driver(): Promise<BrokerDriver> {
    return this.#closing === undefined ? this.#driver() : Promise.reject(closed());
  }

  /** Connects now instead of at the first send, so that a wrong address or password shows early. */
  async connect(signal?: AbortSignal): Promise<void> {
    const driver = await this.driver();
    await driver.connect(signal);
  }

  /**
   * Publishes one message or several, and resolves once the broker has stored every one. Rejects with a
   * `PublishError` whose `outcome` says whether something may be stored all the same, or with the error of a message
   * that cannot be encoded, or a `ConfigError` if no broker can be chosen, before anything is sent.
   */
  publish(messages: Message | readonly Message[], options: PublishOptions = {}): Promise<void> {
    let outgoing: readonly OutgoingMessage[];
    // No async function, since every promise on the way of a send costs a good part of what its message costs.
    try {
      outgoing = this.#encode(Array.isArray(messages) ? messages : [messages], options);
    } catch (error) {
      return Promise.reject(error);
    }
    if (options.exchange !== undefined) return this.#assertRouting(outgoing).then(() => this.#commits.submit(outgoing));
    return this.#submit(outgoing);
  }

  /**
   * Publishes a message for each input, as one batch: they are like `message` in everything but their inputs and their
   * ids, which are random. So what they share is checked and encoded once. Resolves to the ids, in the order of the
   * inputs; rejects as {@link publish} does.
   */
  async publishEach(message: Message, inputs: readonly unknown[], queue: string): Promise<readonly string[]> {
    assertQueueName(queue);
    const frame = new EnvelopeFrame(message);
    const outgoing = inputs.map((input): OutgoingMessage => {
      const id = randomId();
      return this.#outgoing(message, id, queue, frame.encode(id, input, this.#settings.maxMessageBytes));
    });
    await this.#submit(outgoing);
    return outgoing.map(({ id }) => id);
  }

  /** The dead letters of a queue. */
  deadLetters(queue: string = DEFAULT_QUEUE): DeadLetters {
    return new DeadLetters(assertQueueName(queue), () => this.driver());
  }

  /** Names of the queues that exist on the broker, sorted. */
  async queues(): Promise<readonly string[]> {
    const driver = await this.driver();
    return driver.admin.queues();
  }

  /** How many messages a queue holds, by state. */
  async depth(queue: string = DEFAULT_QUEUE): Promise<QueueDepth> {
    const driver = await this.driver();
    return driver.admin.depth(assertQueueName(queue));
  }

  /** Deletes a queue's waiting and delayed messages, and returns how many; what runs and dead letters stay. */
  async purge(queue: string = DEFAULT_QUEUE): Promise<number> {
    const driver = await this.driver();
    return driver.admin.purge(assertQueueName(queue));
  }

  /** Waits for the sends under way, then closes the driver. May be called twice. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** A driver that does not know routes would ignore them. */
  async #assertRouting(messages: readonly OutgoingMessage[]): Promise<void> {
    const driver = await this.driver();
    if (driver.capabilities.routing) return;
    const cause = new UnsupportedError(
      `The ${driver.name} broker has no exchanges (capability routing): publish to a queue, or use RabbitMQ`,
    );
    throw new PublishError(messages.map((message) => ({ message, outcome: "rejected", cause })));
  }

  #submit(messages: readonly OutgoingMessage[]): Promise<void> {
    if (this.#opened && this.#closing === undefined) return this.#commits.submit(messages);
    // The first send chooses the broker: that none is installed is a `ConfigError`, not the failure of a message.
    return this.driver().then(() => this.#commits.submit(messages));
  }

  #encode(messages: readonly Message[], options: PublishOptions): readonly OutgoingMessage[] {
    const { queue = DEFAULT_QUEUE, dedupeMs } = options;
    assertQueueName(queue);
    if (dedupeMs !== undefined && !(Number.isSafeInteger(dedupeMs) && dedupeMs > 0)) {
      throw new ConfigError("dedupeMs must be a whole number of milliseconds above 0");
    }
    const route = routeOf(options, messages);
    const outgoing = messages.map((message) => this.#toOutgoing(message, queue, dedupeMs));
    return route === undefined ? outgoing : outgoing.map((message) => ({ ...message, route }));
  }

  #toOutgoing(message: Message, queue: string, dedupeMs: number | undefined): OutgoingMessage {
    const body = encodeEnvelope(message, this.#settings.maxMessageBytes);
    const outgoing = this.#outgoing(message, message.id, queue, body);
    return dedupeMs === undefined ? outgoing : { ...outgoing, dedupeMs };
  }

  #outgoing({ mode, priority = 0, eta }: Message, id: string, queue: string, body: string): OutgoingMessage {
    const outgoing = { id, queue, body, mode: mode ?? this.#settings.defaultMode, priority };
    // Most messages have no time, and are spared the copy.
    return eta === undefined ? outgoing : { ...outgoing, notBefore: eta };
  }

  /** The driver, also for sends that were accepted before the app was closed. */
  #driver(): Promise<BrokerDriver> {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  async #open(): Promise<BrokerDriver> {
    try {
      const driver = await this.#settings.openDriver();
      this.#opened = true;
      return driver;
    } catch (error) {
      // The next call asks again: the package may be installed, or the variable set, by then.
      this.#opening = undefined;
      throw error;
    }
  }

  async #close(): Promise<void> {
    await this.#commits.close();
    const driver = await this.#opening?.catch(() => undefined);
    await driver?.close();
  }
}

function closed(): ClosedError {
  return new ClosedError("The app was closed: create a new one to use its broker");
}

function routeOf(options: PublishOptions, messages: readonly Message[]): MessageRoute | undefined {
  const { exchange, routingKey = "", routingHeaders, queue } = options;
  if (exchange === undefined) return undefined;
  if (queue !== undefined || messages.some(({ eta }) => eta !== undefined)) {
    throw new ConfigError("A message to an exchange can have neither a queue nor an eta: bindings choose the queues");
  }
  return { exchange, routingKey, ...(routingHeaders === undefined ? {} : { headers: routingHeaders }) };
}
