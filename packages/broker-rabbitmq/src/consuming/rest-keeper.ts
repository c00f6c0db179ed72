import { DELAY_UNIT_MS } from "../topology/delay-levels.js";
import type { RabbitmqDelivery } from "./rabbitmq-delivery.js";

/**
 * Holds messages for the rest of their delay that is shorter than the server's unit. The server has waited the whole
 * seconds, so more than one unit is a difference of clocks and is not waited for.
 */
export class RestKeeper {
  readonly #onDue: (delivery: RabbitmqDelivery) => void;
  readonly #timers = new Map<RabbitmqDelivery, NodeJS.Timeout>();

  constructor(onDue: (delivery: RabbitmqDelivery) => void) {
    this.#onDue = onDue;
  }

  /** How many are held. */
  get size(): number {
    return this.#timers.size;
  }

  /** Passes the message on when it is due, at once if it is. */
  add(delivery: RabbitmqDelivery): void {
    const rest = Math.min(delivery.restMs(unsteppedNow()), DELAY_UNIT_MS);
    if (rest <= 0) {
      this.#onDue(delivery);
      return;
    }
    // Timers may fire a fraction of a millisecond early.
    const timer = setTimeout(() => {
      this.#timers.delete(delivery);
      this.#onDue(delivery);
    }, Math.ceil(rest) + 1);
    timer.unref();
    this.#timers.set(delivery, timer);
  }

  /** Takes out everything that is held. */
  drain(): RabbitmqDelivery[] {
    const held = [...this.#timers.keys()];
    this.forget(() => true);
    return held;
  }

  /** Forgets messages that cannot be settled any more. */
  forget(isGone: (delivery: RabbitmqDelivery) => boolean): void {
    for (const [delivery, timer] of this.#timers) {
      if (!isGone(delivery)) continue;
      clearTimeout(timer);
      this.#timers.delete(delivery);
    }
  }
}

/**
 * The wall clock's time, or what it would be had nobody set it since the process began, if that is earlier: a clock that
 * is stepped may make a message late by less than a unit, and never early.
 */
function unsteppedNow(): number {
  return Math.min(Date.now(), performance.timeOrigin + performance.now());
}
