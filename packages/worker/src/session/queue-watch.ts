import { WorkerError } from "@chicory/core";
import type { Slots } from "../execution/slots.js";
import type { Outage } from "../outage.js";

/** Limits of what a queue may go through before something is done; 0 means for ever. */
export interface QueueWatchLimits {
  readonly stallTimeoutMs: number;
  readonly recoveryTimeoutMs: number;
  readonly zombieTimeoutMs: number;
}

/** What is watched. */
export interface QueueWatchOptions {
  readonly queue: string;
  readonly concurrency: number;
  readonly limits: QueueWatchLimits;
  readonly outages: readonly Outage[];
  readonly slots: Slots;
}

/** What is to be done about a queue. */
export type QueueVerdict =
  | { readonly kind: "fine" }
  | { readonly kind: "rebuild" }
  | { readonly kind: "giveUp"; readonly error: WorkerError };

const FINE: QueueVerdict = { kind: "fine" };

/** Decides when a queue is stuck: silently, by an outage, or by handlers that do not end. */
export class QueueWatch {
  readonly #options: QueueWatchOptions;
  #blockedSince: number | undefined;

  constructor(options: QueueWatchOptions) {
    this.#options = options;
  }

  /** For how long the worst outage has lasted, in milliseconds. */
  get failingMs(): number {
    return Math.max(...this.#options.outages.map(({ durationMs }) => durationMs));
  }

  /** To be called regularly. `silenceMs` is how long the broker has not answered a fetch. */
  inspect(silenceMs: number): QueueVerdict {
    const { limits } = this.#options;
    const error = this.#outageError() ?? this.#zombieError();
    if (error !== undefined) return { kind: "giveUp", error };
    return silenceMs > limits.stallTimeoutMs ? { kind: "rebuild" } : FINE;
  }

  #outageError(): WorkerError | undefined {
    const { queue, limits, outages } = this.#options;
    const { recoveryTimeoutMs } = limits;
    if (recoveryTimeoutMs === 0) return undefined;
    const outage = outages.find(({ durationMs }) => durationMs > recoveryTimeoutMs);
    if (outage === undefined) return undefined;
    const reason = outage.error instanceof Error ? `: ${outage.error.message}` : "";
    return new WorkerError(
      `Queue "${queue}" has been unusable for longer than recoveryTimeoutMs (${recoveryTimeoutMs} ms)${reason}`,
      { cause: outage.error },
    );
  }

  #zombieError(): WorkerError | undefined {
    const { queue, concurrency, limits, slots } = this.#options;
    if (slots.zombies < concurrency) {
      this.#blockedSince = undefined;
      return undefined;
    }
    this.#blockedSince ??= performance.now();
    const { zombieTimeoutMs } = limits;
    if (zombieTimeoutMs === 0 || performance.now() - this.#blockedSince <= zombieTimeoutMs) return undefined;
    return new WorkerError(
      `Every slot of queue "${queue}" is taken by a task that ignores its timeout: pass ctx.signal to what the tasks wait for, and restart the worker`,
    );
  }
}
