import { setImmediate as nextTurn } from "node:timers/promises";
import type { Activity, Cancel, Clock } from "./clock.js";
import { Heap } from "./heap.js";

/**
 * Turns of the event loop that are granted between two wake-ups, so that what one of them set in motion (promises
 * that wait for each other) has come to rest before time goes on.
 */
const QUIET_TURNS = 3;

/** Turns after which a broker that is still busy is taken for one that never rests. */
const MAX_TURNS = 1_000_000;

interface WakeUp {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
  cancelled: boolean;
}

/**
 * A clock that stands still until it is advanced: with it a test of delays, retries and leases takes no time and
 * always the same course.
 */
export class VirtualClock implements Clock {
  readonly #wakeUps = new Heap<WakeUp>((a, b) => a.atMs - b.atMs || a.order - b.order);
  readonly #activities: Activity[] = [];
  #now: number;
  #order = 0;
  #advanced: Promise<void> = Promise.resolve();

  /** Begins at this time in milliseconds since the epoch; at the current time if not given. */
  constructor(startMs: number = Date.now()) {
    this.#now = startMs;
  }

  now(): number {
    return this.#now;
  }

  schedule(atMs: number, run: () => void): Cancel {
    this.#order += 1;
    const wakeUp: WakeUp = { atMs, order: this.#order, run, cancelled: false };
    this.#wakeUps.push(wakeUp);
    return () => {
      wakeUp.cancelled = true;
    };
  }

  attach(activity: Activity): void {
    this.#activities.push(activity);
  }

  /**
   * Lets time pass. What falls due on the way happens at its own time and in its order, and each of it comes to rest
   * before the next. Resolves when all of that is done. Of calls that overlap, each begins when the one before is done.
   */
  advance(ms: number): Promise<void> {
    const advanced = this.#advanced.then(() => this.#advance(ms));
    this.#advanced = advanced.catch(() => undefined);
    return advanced;
  }

  async #advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await this.#rest();
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      // A wake-up may have been scheduled for a time that is past already.
      this.#now = Math.max(this.#now, next.atMs);
      next.run();
      await this.#rest();
    }
    this.#now = Math.max(this.#now, end);
  }

  /** Removes and returns the next wake-up that is due by `end`. */
  #next(end: number): WakeUp | undefined {
    for (let next = this.#wakeUps.peek(); next !== undefined; next = this.#wakeUps.peek()) {
      if (!next.cancelled && next.atMs > end) return undefined;
      this.#wakeUps.pop();
      if (!next.cancelled) return next;
    }
    return undefined;
  }

  async #rest(): Promise<void> {
    let quiet = 0;
    for (let turn = 0; quiet < QUIET_TURNS; turn += 1) {
      if (turn > MAX_TURNS) throw new Error("The broker does not come to rest: something calls it without a pause");
      await nextTurn();
      quiet = this.#activities.some((activity) => activity.busy) ? 0 : quiet + 1;
    }
  }
}
