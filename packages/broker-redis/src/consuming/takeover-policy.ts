import type { PendingEntry } from "../scripts/claim.js";

/** A pending entry of one of a queue's streams. */
export interface SeenEntry extends PendingEntry {
  readonly priority: number;
}

interface Observation {
  readonly at: number;
  readonly entry: SeenEntry;
}

/**
 * Decides whose owner is dead. The server's clock may jump, and an outage leaves every owner silent: so a long idle
 * time alone proves nothing. An entry may be taken over when it was seen idle for a lease, and seen again half a lease
 * later, on this process's own clock, with nobody having touched it; and not before a lease has passed since this
 * process (re)connected, in which every owner that lives has renewed.
 */
export class TakeoverPolicy {
  readonly #leaseMs: number;
  #connectedAt: number;
  #observations = new Map<string, Observation>();

  /** `now` and every later time are monotonic milliseconds. */
  constructor(leaseMs: number, now: number) {
    this.#leaseMs = leaseMs;
    this.#connectedAt = now;
  }

  /** Begins a time of grace: a connection was made. */
  connected(now: number): void {
    this.#connectedAt = now;
  }

  /** Takes in all entries that are idle for a lease or longer, and returns those that may be taken over. */
  observe(idle: readonly SeenEntry[], now: number): readonly SeenEntry[] {
    const before = this.#observations;
    this.#observations = new Map();
    const ripe: SeenEntry[] = [];
    for (const entry of idle) {
      if (entry.idleMs < this.#leaseMs) continue;
      const key = `${entry.priority}/${entry.id}`;
      const first = before.get(key);
      if (first === undefined || !untouched(first, entry, now)) {
        this.#observations.set(key, { at: now, entry });
        continue;
      }
      this.#observations.set(key, first);
      if (now - first.at >= this.#leaseMs / 2) ripe.push(entry);
    }
    return now - this.#connectedAt >= this.#leaseMs ? ripe : [];
  }
}

/** Whether the idle time grew as time passed here; half of it allows for slow answers and a clock that is slewed. */
function untouched({ at, entry: first }: Observation, entry: SeenEntry, now: number): boolean {
  return (
    first.owner === entry.owner &&
    first.deliveryCount === entry.deliveryCount &&
    entry.idleMs - first.idleMs >= (now - at) / 2
  );
}
