import type { Cancel, Clock } from "./clock.js";

/** Leases are renewed at a third of their length, so that one renewal may fail and the next still comes in time. */
const RENEWALS_PER_LEASE = 3;

/** What a lease keeper works with. */
export interface LeaseKeeperOptions {
  readonly clock: Clock;
  readonly leaseMs: number;
  /** Whether there is anything to renew. */
  readonly holds: () => boolean;
  /** Renews everything that is held. Must not reject. */
  readonly renew: () => Promise<void>;
}

/** Renews a consumer's leases while it holds any. Owned by the consumer, which stops it. */
export class LeaseKeeper {
  readonly #options: LeaseKeeperOptions;
  #cancel: Cancel | undefined;
  #stopped = false;

  constructor(options: LeaseKeeperOptions) {
    this.#options = options;
  }

  /** Begins to renew; called whenever something may have been taken. */
  start(): void {
    if (this.#stopped || this.#cancel !== undefined || !this.#options.holds()) return;
    const { clock, leaseMs } = this.#options;
    this.#cancel = clock.schedule(clock.now() + leaseMs / RENEWALS_PER_LEASE, () => void this.#renew());
  }

  /** Renews no more. May be called twice. */
  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
  }

  async #renew(): Promise<void> {
    this.#cancel = undefined;
    // Scheduled before the renewal is answered: an answer that never comes must not be the last one.
    this.start();
    if (this.#options.holds()) await this.#options.renew();
  }
}
