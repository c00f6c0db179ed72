import type { PublishOutcome } from "@chicory/core";
import { ask } from "./ask.js";
import { type Confirmation, ConfirmChannel } from "./confirm-channel.js";
import { within } from "./deadline.js";
import { blockedError, fromChannel, unanswered } from "./errors.js";
import type { Link } from "./link.js";
import type { Parcel } from "./parcel.js";

/** What became of a parcel. */
export type Outcome =
  | { readonly kind: "stored" | "returned" | "refused" }
  /** It failed for a reason that is not the queue's answer. */
  | { readonly kind: "failed"; readonly outcome: PublishOutcome; readonly error: Error };

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
    const outcomes: Outcome[] = [];
    const answers: Promise<void>[] = [];
    let refusal: Error | undefined;
    try {
      let channel = await this.#ready(deadline);
      for (const [index, parcel] of parcels.entries()) {
        if (channel.full) await this.#inTime(channel.room(), deadline, "confirm");
        if (!channel.active || this.#link.blockedReason !== undefined) channel = await this.#ready(deadline);
        answers.push(
          channel.send(parcel).then((confirmation) => {
            outcomes[index] ??= outcomeOf(confirmation);
          }),
        );
      }
    } catch (error) {
      refusal = error instanceof Error ? error : new Error(String(error));
    }
    const late = unanswered("confirm messages", this.#timeoutMs);
    await this.#inTime(Promise.all(answers), deadline, "confirm messages").catch(() => undefined);
    return parcels.map((_, index) => {
      // What was not written is certainly not stored; what was written and not answered may be.
      if (index >= answers.length) return failed("rejected", refusal ?? late);
      outcomes[index] ??= failed("unknown", late);
      return outcomes[index];
    });
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

function outcomeOf(confirmation: Confirmation): Outcome {
  if (confirmation.kind !== "unanswered") return confirmation;
  const error = fromChannel(confirmation.error, "store messages");
  // The server closes a channel for one message and says not which; only a lone one is certain to be it.
  const refusedAlone = confirmation.alone && "retryable" in error && error.retryable === false;
  return failed(refusedAlone ? "rejected" : "unknown", error);
}

function failed(outcome: PublishOutcome, error: Error): Outcome {
  return { kind: "failed", outcome, error };
}
