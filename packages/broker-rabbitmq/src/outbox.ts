import {
  DeliveryMode,
  type OutgoingMessage,
  type PublishFailure,
  QueueFullError,
  UnsupportedError,
} from "@chicory/core";
import type { RabbitmqConfig } from "./config.js";
import { DELAY_UNIT_MS, MAX_DELAY_MS, MAX_DELAYED_NAME_LENGTH } from "./delay-levels.js";
import { queueFull, unroutable } from "./errors.js";
import type { Names } from "./names.js";
import { familyOf, messageParcel, type Parcel, secondsToWait } from "./parcel.js";
import type { Outcome, Publisher } from "./publisher.js";
import { queueSettings } from "./queue-settings.js";
import type { RoomKeeper } from "./room-keeper.js";
import type { Topology } from "./topology.js";

/** The lowest delay level, with room for the time that passes until the message is sent. */
const DETOUR_MS = 1.5 * DELAY_UNIT_MS;

/** What became of a message that was not certainly stored. */
export type Failure = Pick<PublishFailure, "outcome" | "cause">;

/** What an {@link Outbox} needs. */
export interface OutboxOptions {
  readonly config: RabbitmqConfig;
  readonly names: Names;
  readonly topology: Topology;
  readonly publisher: Publisher;
  readonly rooms: RoomKeeper;
}

/** Sends messages: refuses what the server cannot keep, sees to it that their queues exist, and publishes the rest. */
export class Outbox {
  readonly #options: OutboxOptions;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** For each message undefined once it is stored, or why it is not. Never rejects. */
  async send(messages: readonly OutgoingMessage[]): Promise<readonly (Failure | undefined)[]> {
    const now = Date.now();
    // Bodies are copied before anything is waited for: they are the caller's again as soon as it has called.
    const parcels = messages.map((message) => messageParcel(message, this.#options.names, now));
    const refusals = await this.#refusals(messages, now);
    const room = await this.#options.rooms.enter(
      messages.filter((_, index) => refusals[index] === undefined),
      now,
    );
    try {
      messages.forEach((message, index) => {
        const cause = room.refusals.get(message);
        if (cause !== undefined) refusals[index] ??= { outcome: "rejected", cause };
      });
      return await this.#publish(messages, parcels, refusals);
    } finally {
      room.done();
    }
  }

  async #publish(
    messages: readonly OutgoingMessage[],
    parcels: readonly Parcel[],
    refusals: readonly (Failure | undefined)[],
  ): Promise<readonly (Failure | undefined)[]> {
    const { publisher } = this.#options;
    const sent = messages.flatMap((_, index) => (refusals[index] === undefined ? [index] : []));
    const outcomes = await publisher.publish(sent.flatMap((index) => parcels[index] ?? []));
    const failures = [...refusals];
    sent.forEach((index, place) => {
      const [message, outcome] = [messages[index], outcomes[place]];
      if (message !== undefined && outcome !== undefined) failures[index] = this.#failureOf(outcome, message);
    });
    return failures;
  }

  /**
   * As {@link send}, for messages that take the place of others in their queue. A full one takes them too: they wait a
   * second before it, until there is room.
   */
  async sendReplacements(messages: readonly OutgoingMessage[]): Promise<readonly (Failure | undefined)[]> {
    const now = Date.now();
    const parcels = messages.map((message) => messageParcel(message, this.#options.names, now));
    const failures = [...(await this.#publish(messages, parcels, await this.#refusals(messages, now)))];
    const later = messages.flatMap((message, index) =>
      failures[index]?.cause instanceof QueueFullError && message.mode === DeliveryMode.AT_LEAST_ONCE ? [index] : [],
    );
    if (later.length === 0) return failures;
    // Certainly not stored, so sending them again duplicates nothing.
    const notBefore = Date.now() + DETOUR_MS;
    const again = await this.send(later.flatMap((index) => ({ ...(messages[index] as OutgoingMessage), notBefore })));
    later.forEach((index, place) => {
      failures[index] = again[place];
    });
    return failures;
  }

  /** Publishes what is no message of a producer; the queues exist. Outcomes in the order of the parcels. */
  async sendParcels(parcels: readonly Parcel[]): Promise<readonly (Failure | undefined)[]> {
    const outcomes = await this.#options.publisher.publish(parcels);
    return outcomes.map((outcome, index) => {
      switch (outcome.kind) {
        case "stored":
          return undefined;
        case "failed":
          return { outcome: outcome.outcome, cause: outcome.error };
        default:
          if (outcome.kind === "returned") this.#options.topology.forget();
          return { outcome: "rejected", cause: unroutable(`queue "${parcels[index]?.routingKey}"`) };
      }
    });
  }

  async #refusals(messages: readonly OutgoingMessage[], now: number): Promise<(Failure | undefined)[]> {
    const destinations = new Map<string, Promise<Failure | undefined>>();
    return await Promise.all(
      messages.map((message) => {
        const unsupported = this.#unsupported(message, now);
        if (unsupported !== undefined) return { outcome: "rejected" as const, cause: unsupported };
        if (message.route !== undefined) return undefined;
        const family = secondsToWait(message, now) > 0 ? familyOf(message.mode) : undefined;
        const key = `${family ?? ""} ${message.queue}`;
        let ready = destinations.get(key);
        if (ready === undefined) {
          const { topology } = this.#options;
          const ensuring =
            family === undefined ? topology.ensureQueue(message.queue) : topology.ensureDelay(family, message.queue);
          ready = ensuring.then(
            () => undefined,
            (cause: Error) => ({ outcome: "rejected" as const, cause }),
          );
          destinations.set(key, ready);
        }
        return ready;
      }),
    );
  }

  /** Why the server cannot keep such a message, or undefined if it can. */
  #unsupported(message: OutgoingMessage, now: number): Error | undefined {
    const { config, names } = this.#options;
    const { priority, notBefore, queue } = message;
    const { maxPriority } = queueSettings(config, names, queue);
    const highest = message.route === undefined ? maxPriority : 9;
    if (!Number.isInteger(priority) || priority < 0 || priority > highest) {
      return new UnsupportedError(
        highest === 0
          ? `Queue "${queue}" has no priorities, and priority ${priority} was asked for: set maxPriority (CHICORY_BROKER_RABBITMQ_MAX_PRIORITY) to 9, which makes queues classic ones, or send without a priority`
          : `Priority ${priority} is not one of queue "${queue}": use 0 to ${highest}, or raise maxPriority to at most 9`,
      );
    }
    if (message.dedupeMs !== undefined) {
      return new UnsupportedError(
        "RabbitMQ cannot recognise a message that it has already (capability dedupe): send without dedupeMs and let the handler be idempotent",
      );
    }
    if (notBefore === undefined) return undefined;
    if (message.route !== undefined) return new UnsupportedError("A message to an exchange cannot be delayed");
    if (!(notBefore - now <= MAX_DELAY_MS)) {
      return new UnsupportedError(`RabbitMQ delays messages by at most ${MAX_DELAY_MS} ms, about 8.5 years`);
    }
    if (secondsToWait(message, now) > 0 && queue.length > MAX_DELAYED_NAME_LENGTH) {
      return new UnsupportedError(
        `The name of queue "${queue}" is too long for a delay: AMQP leaves ${MAX_DELAYED_NAME_LENGTH} characters`,
      );
    }
    return undefined;
  }

  #failureOf(outcome: Outcome, message: OutgoingMessage): Failure | undefined {
    const { config, names, topology } = this.#options;
    switch (outcome.kind) {
      case "stored":
        return undefined;
      case "failed":
        return { outcome: outcome.outcome, cause: outcome.error };
      case "returned":
        // Somebody deleted what was there before: it is declared again by the next attempt.
        topology.forget();
        return { outcome: "rejected", cause: unroutable(destinationOf(message)) };
      case "refused": {
        const { maxLength } = queueSettings(config, names, message.queue);
        return maxLength > 0
          ? { outcome: "rejected", cause: queueFull(message.queue, maxLength) }
          : // A queue without a bound refuses only when its process died, perhaps after it had stored the message.
            { outcome: "unknown", cause: unroutable(destinationOf(message)) };
      }
    }
  }
}

function destinationOf({ route, queue }: OutgoingMessage): string {
  return route === undefined
    ? `queue "${queue}"`
    : `exchange "${route.exchange}" with routing key "${route.routingKey}": bind a queue to it`;
}
