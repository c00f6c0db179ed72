import type { Logger } from "@chicory/core";
import { MAX_RENEWAL_INTERVAL_MS } from "./lease-keeper.js";
import type { Pulse } from "./pulse.js";

/** Looks, and beats of the event loop, in the time from one renewal to the next. */
const LOOKS_PER_RENEWAL = 4;

/** Silence of the event loop, in looks, after which it is stood in for. One look may fall between two beats. */
const SILENT_LOOKS = 2;

/** How often the event loop beats, and how often its deputy looks at it, in milliseconds. */
export function lookIntervalMs(leaseMs: number): number {
  return Math.min(leaseMs / 3, MAX_RENEWAL_INTERVAL_MS) / LOOKS_PER_RENEWAL;
}

/** Whom a deputy stands in for, and by what it renews. */
export interface LeaseDeputyOptions {
  readonly pulse: Pick<Pulse, "silentMs">;
  readonly leaseMs: number;
  /** Silence after which the event loop counts as hung, in milliseconds. */
  readonly patienceMs: () => number;
  /** Renews everything that the server says this process holds. */
  readonly renew: () => Promise<void>;
  /** Gives up the means of renewing: they are not needed for now. */
  readonly rest: () => void;
  readonly logger: Logger;
}

/**
 * Keeps the leases of a process whose event loop is blocked, as by a handler that computes. It knows what the server
 * knows: a loop that stands still could not say what it had just been handed. It does nothing while the loop runs, and
 * nothing any more once the loop is silent for longer than any task may take: a process that hangs must lose its work
 * to others.
 *
 * Its own renewals begin before 7/12 of a lease have passed since the last one of the loop, and come as often as those.
 */
export class LeaseDeputy {
  readonly #options: LeaseDeputyOptions;
  readonly #lookMs: number;
  #timer: NodeJS.Timeout | undefined;
  #renewing = false;
  #renewals = 0;
  #failed = false;
  #renewedAt = Number.NEGATIVE_INFINITY;
  #silence: "none" | "blocked" | "hung" = "none";

  constructor(options: LeaseDeputyOptions) {
    this.#options = options;
    this.#lookMs = lookIntervalMs(options.leaseMs);
  }

  /** Begins to look, for as long as its thread lives. */
  start(): void {
    this.#timer ??= setInterval(() => void this.look(performance.now()), this.#lookMs);
  }

  /** Looks once, and does what is due; `now` is monotonic. Never rejects. */
  async look(now: number): Promise<void> {
    const { pulse, patienceMs, logger } = this.#options;
    const { silentMs } = pulse;
    if (silentMs < SILENT_LOOKS * this.#lookMs) {
      if (this.#silence === "blocked") logger.debug({ renewals: this.#renewals }, "Leases were renewed from a thread");
      this.#rest("none");
    } else if (silentMs >= patienceMs()) {
      if (this.#silence === "blocked") {
        logger.warn({ silentMs }, "The event loop hangs for longer than a task may take: its leases are given up");
      }
      this.#rest("hung");
    } else {
      this.#silence = "blocked";
      await this.#renew(now);
    }
  }

  async #renew(now: number): Promise<void> {
    const { renew, logger } = this.#options;
    // A timer may be a little early, and a whole look later is too late.
    if (this.#renewing || now - this.#renewedAt < (LOOKS_PER_RENEWAL - 0.5) * this.#lookMs) return;
    this.#renewing = true;
    try {
      await renew();
      this.#renewedAt = now;
      this.#renewals += 1;
    } catch (error) {
      // Tried again at the next look. What fails because nobody needs it any more is no failure.
      if (this.#silence === "blocked" && !this.#failed) {
        this.#failed = true;
        logger.warn({ err: error }, "Leases could not be renewed yet while the event loop is blocked");
      }
    }
    this.#renewing = false;
    // The loop came back meanwhile: what was opened after that is not needed.
    if (this.#silence !== "blocked") this.#options.rest();
  }

  #rest(silence: "none" | "hung"): void {
    if (this.#silence === "blocked") {
      this.#options.rest();
      this.#renewals = 0;
      this.#failed = false;
      this.#renewedAt = Number.NEGATIVE_INFINITY;
    }
    this.#silence = silence;
  }
}
