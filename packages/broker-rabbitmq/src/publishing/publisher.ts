import { ask } from "../connection/ask.js";
import { within } from "../connection/deadline.js";
import type { Link } from "../connection/link.js";
import { blockedError, unanswered } from "../errors.js";
import type { Parcel } from "../messages/parcel.js";
import { Batch, type Outcome } from "./batch.js";
import { ConfirmChannel } from "./confirm-channel.js";

/**
 * Publishes parcels with confirms, in order, on one channel, and says of each what became of it by the deadline. It
 * sends nothing twice.
 */
export class Publisher {
  readonly #link: Link;
  readonly #timeoutMs: number;
  #channel: ConfirmChannel | undefined;
  #opening: Promise<ConfirmChannel> | undefined;
  readonly #underWay = new Set<Promise<unknown>>();

  constructor(link: Link, timeoutMs: number) {
    this.#link = link;
    this.#timeoutMs = timeoutMs;
  }

  /** The number of the connection that messages go by: see `Link`. */
  get generation(): number {
    return this.#link.generation;
  }

  /** Outcomes in the order of the parcels. Never rejects, and resolves in time. */
  async publish(parcels: readonly Parcel[]): Promise<readonly Outcome[]> {
    const deadline = performance.now() + this.#timeoutMs;
    const sending = this.#send(parcels, deadline);
    this.#underWay.add(sending);
    try {
      return await sending;
    } finally {
      this.#underWay.delete(sending);
    }
  }

  /**
   * Publishes on another channel from now on. A channel whose first message to a quorum queue met the election of a
   * leader has that queue refused for good (seen on 3.10) while others are served, and may as well be left without an
   * answer.
   */
  renew(): void {
    this.#channel?.retire(this.#timeoutMs);
    this.#channel = undefined;
  }

  /** Waits for what is under way, at most as long as publishing may take, and ends the channel. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#underWay);
    const channel = this.#channel;
    this.#channel = undefined;
    if (channel?.active !== true) return;
    await within(channel.close(), this.#timeoutMs, () => unanswered("close a channel", this.#timeoutMs)).catch(
      () => undefined,
    );
  }

  async #send(parcels: readonly Parcel[], deadline: number): Promise<readonly Outcome[]> {
    const batch = new Batch(parcels.length);
    let refusal: Error | undefined;
    let last: ConfirmChannel | undefined;
    try {
      let channel = this.#usable ?? (await this.#ready(deadline));
      for (const parcel of parcels) {
        if (channel.full) await this.#inTime(channel.room(), deadline, "confirm messages");
        if (channel !== this.#usable) {
          channel.flush();
          channel = await this.#ready(deadline);
        }
        send(channel, parcel, batch);
        last = channel;
      }
      channel.flush();
    } catch (error) {
      refusal = asError(error);
    }
    await batch.answered(deadline - performance.now());
    if (batch.pending && this.#channel === last) this.renew();
    // Made only where it is needed: an error is dear beside a publish.
    const late = (): Error => unanswered("confirm messages", this.#timeoutMs);
    return batch.outcomes(() => refusal ?? late(), late);
  }

  /** The channel, if it may be written to at this moment. */
  get #usable(): ConfirmChannel | undefined {
    return this.#link.blockedReason === undefined && this.#channel?.active === true ? this.#channel : undefined;
  }

  /** A channel that may be written to. Waits while the server takes no messages. */
  async #ready(deadline: number): Promise<ConfirmChannel> {
    for (;;) {
      const reason = this.#link.blockedReason;
      if (reason === undefined) break;
      await within(this.#link.unblocked(), deadline - performance.now(), () => blockedError(reason));
    }
    if (this.#channel?.active === true) return this.#channel;
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined;
    });
    return await this.#inTime(this.#opening, deadline, "open a channel");
  }

  async #open(): Promise<ConfirmChannel> {
    const channel = await this.#link.channel();
    // Handed out only now: a message that was written before would shift the numbers of all confirms.
    await ask(channel.confirmSelect(), "confirm messages", this.#timeoutMs);
    this.#channel = new ConfirmChannel(channel);
    return this.#channel;
  }

  #inTime<T>(promise: Promise<T>, deadline: number, what: string): Promise<T> {
    return within(promise, Math.max(0, deadline - performance.now()), () => unanswered(what, this.#timeoutMs));
  }
}

function send(channel: ConfirmChannel, parcel: Parcel, batch: Batch): void {
  const index = batch.next();
  try {
    channel.send(parcel, batch, index);
  } catch (error) {
    batch.refuse(index, asError(error));
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
