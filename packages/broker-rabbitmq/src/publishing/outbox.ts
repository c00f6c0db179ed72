import { DeliveryMode, type OutgoingMessage, type PublishFailure, QueueFullError } from "@chicory/core";
import { queueFull, queueIll, tooLarge, unroutable } from "../errors.js";
import { familyOf, messageParcel, type Parcel, secondsToWait } from "../messages/parcel.js";
import { DELAY_UNIT_MS } from "../topology/delay-levels.js";
import type { Names } from "../topology/names.js";
import type { SettingsBook } from "../topology/queue-settings.js";
import type { Topology } from "../topology/topology.js";
import type { Outcome } from "./batch.js";
import type { Publisher } from "./publisher.js";
import type { RoomKeeper } from "./room-keeper.js";
import { SizeLimit } from "./size-limit.js";
import { whyUnsupported } from "./unsupported.js";

/** The lowest delay level, with room for the time that passes until the message is sent. */
const DETOUR_MS = 1.5 * DELAY_UNIT_MS;

/** What became of a message that was not certainly stored. */
export type Failure = Pick<PublishFailure, "outcome" | "cause">;

/** What an {@link Outbox} needs. */
export interface OutboxOptions {
  readonly settings: SettingsBook;
  readonly names: Names;
  readonly topology: Topology;
  readonly publisher: Publisher;
  readonly rooms: RoomKeeper;
}

/** Sends messages: refuses what the server cannot keep, sees to it that their queues exist, and publishes the rest. */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #sizeLimit = new SizeLimit();

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** For each message undefined once it is stored, or why it is not. Never rejects. */
  async send(messages: readonly OutgoingMessage[]): Promise<readonly (Failure | undefined)[]> {
    const { rooms, names } = this.#options;
    const now = Date.now();
    // Bodies are copied before anything is waited for: they are the caller's again as soon as it has called.
    const parcels = messages.map((message) => messageParcel(message, names, now));
    const refusals = await this.#refusals(messages, now);
    const bounded = rooms.bounded(messages, now);
    if (bounded.length === 0) return await this.#publish(messages, parcels, refusals);
    const room = await rooms.enter(bounded);
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
    const failures = messages.map((_, index) => refusals[index] ?? this.#oversize(parcels[index]));
    const sent = messages.flatMap((_, index) => (failures[index] === undefined ? [index] : []));
    const outcomes = await publisher.publish(sent.flatMap((index) => parcels[index] ?? []));
    for (const outcome of outcomes) {
      if (outcome.kind === "failed") this.#sizeLimit.learn(outcome.error, publisher.generation);
    }
    sent.forEach((index, place) => {
      const [message, outcome] = [messages[index], outcomes[place]];
      if (message === undefined || outcome === undefined) return;
      failures[index] = this.#failureOf(outcome, message);
      // Of all that were under way this is what the server ended the channel for; the others may be sent again.
      if (outcome.kind === "failed") failures[index] = this.#oversize(parcels[index]) ?? failures[index];
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
    return outcomes.map((outcome, index) => this.#parcelFailureOf(outcome, parcels[index]?.routingKey ?? ""));
  }

  #parcelFailureOf(outcome: Outcome, serverQueue: string): Failure | undefined {
    const { topology, publisher } = this.#options;
    switch (outcome.kind) {
      case "stored":
        return undefined;
      case "failed":
        return { outcome: outcome.outcome, cause: outcome.error };
      case "returned":
        topology.forget();
        return { outcome: "rejected", cause: unroutable(`queue "${serverQueue}"`) };
      case "refused":
        publisher.renew();
        return { outcome: "unknown", cause: queueIll(serverQueue) };
    }
  }

  /** What is refused before it is sent. What is not refused has its queue, and its way there. */
  async #refusals(messages: readonly OutgoingMessage[], now: number): Promise<(Failure | undefined)[]> {
    const refusals = messages.map((message): Failure | undefined => {
      const cause = whyUnsupported(message, this.#options.settings.of(message.queue), now);
      return cause === undefined ? undefined : { outcome: "rejected", cause };
    });
    const missing = messages.flatMap((message, index) =>
      refusals[index] === undefined && !this.#hasWay(message, now) ? [{ message, index }] : [],
    );
    // The ways are declared at the same time, each once however many messages take it.
    await Promise.all(
      missing.map(async ({ message, index }) => {
        try {
          await this.#makeWay(message, now);
        } catch (error) {
          const cause = error instanceof Error ? error : new Error(String(error));
          refusals[index] = { outcome: "rejected", cause };
        }
      }),
    );
    return refusals;
  }

  #hasWay(message: OutgoingMessage, now: number): boolean {
    if (message.route !== undefined) return true;
    return secondsToWait(message, now) === 0 && this.#options.topology.isReady(message.queue);
  }

  async #makeWay(message: OutgoingMessage, now: number): Promise<void> {
    const { topology } = this.#options;
    if (secondsToWait(message, now) === 0) await topology.ensureQueue(message.queue);
    else await topology.ensureDelay(familyOf(message.mode), message.queue);
  }

  /** Why a message is refused that is larger than the server is known to take. */
  #oversize(parcel: Parcel | undefined): Failure | undefined {
    const bytes = parcel?.bodyBytes ?? 0;
    const limit = this.#sizeLimit.on(this.#options.publisher.generation);
    return bytes > limit ? { outcome: "rejected", cause: tooLarge(bytes, limit) } : undefined;
  }

  #failureOf(outcome: Outcome, message: OutgoingMessage): Failure | undefined {
    const { topology } = this.#options;
    switch (outcome.kind) {
      case "stored":
        return undefined;
      case "failed":
        return { outcome: outcome.outcome, cause: outcome.error };
      case "returned":
        // Somebody deleted what was there before: it is declared again by the next attempt.
        topology.forget();
        return { outcome: "rejected", cause: unroutable(destinationOf(message)) };
      case "refused":
        return this.#refusal(message);
    }
  }

  /** A queue refused a message: it is full, or ill. */
  #refusal({ queue }: OutgoingMessage): Failure {
    const { settings, publisher } = this.#options;
    const { maxLength, queueType } = settings.of(queue);
    // There was room in a bounded quorum queue, so that is ill as well, or another process was faster.
    if (maxLength === 0 || queueType === "quorum") publisher.renew();
    return maxLength > 0
      ? { outcome: "rejected", cause: queueFull(queue, maxLength) }
      : // A queue without a bound refuses only when its process is gone, perhaps after it had stored the message.
        { outcome: "unknown", cause: queueIll(queue) };
  }
}

function destinationOf({ route, queue }: OutgoingMessage): string {
  return route === undefined
    ? `queue "${queue}"`
    : `exchange "${route.exchange}" with routing key "${route.routingKey}": bind a queue to it`;
}
