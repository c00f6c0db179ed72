import type { VirtualClock } from "@chicory/broker-memory";
import type { Random } from "../random.js";

/** Timers fire on these ticks, in milliseconds, so that all that is due at about one time costs one wake-up. */
const TICK_MS = 10;

/** A timer of the virtual machine. */
class VirtualTimer {
  cancelled = false;

  constructor(readonly run: () => void) {}

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}

/** Timers of one clock, by the tick on which they fire. */
class Ticks {
  readonly #clock: VirtualClock;
  readonly #timers = new Map<number, VirtualTimer[]>();

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  add(timer: VirtualTimer, ms: number): void {
    const at = Math.ceil((this.#clock.now() + Math.max(ms, 1)) / TICK_MS) * TICK_MS;
    const timers = this.#timers.get(at);
    if (timers !== undefined) {
      timers.push(timer);
      return;
    }
    this.#timers.set(at, [timer]);
    this.#clock.schedule(at, () => this.#fire(at));
  }

  #fire(at: number): void {
    const timers = this.#timers.get(at) ?? [];
    this.#timers.delete(at);
    for (const { cancelled, run } of timers) if (!cancelled) run();
  }
}

/**
 * Runs something in a process whose time is a virtual clock, and whose chance is seeded: `Date.now`, `performance.now`
 * and global timers go by the one, `Math.random` by the other. So minutes of leases, delays and pauses pass in a moment,
 * and always in the same order, however fast the machine is. What is imported from `node:timers/promises` keeps to the
 * machine's time: nothing that runs here may wait by it.
 */
export async function inVirtualTime<T>(clock: VirtualClock, random: Random, run: () => Promise<T>): Promise<T> {
  const { setTimeout, clearTimeout, setInterval, clearInterval, performance } = globalThis;
  const dateNow = Date.now;
  const mathRandom = Math.random;
  const ticks = new Ticks(clock);
  const began = clock.now();
  const clear = (timer: unknown) => {
    if (timer instanceof VirtualTimer) timer.cancelled = true;
    else clearTimeout(timer as NodeJS.Timeout | undefined);
  };
  const virtual = {
    setTimeout: (callback: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) => {
      const timer = new VirtualTimer(() => callback(...args));
      ticks.add(timer, ms);
      return timer;
    },
    setInterval: (callback: () => void, ms: number) => {
      const timer: VirtualTimer = new VirtualTimer(() => {
        callback();
        if (!timer.cancelled) ticks.add(timer, ms);
      });
      ticks.add(timer, ms);
      return timer;
    },
    clearTimeout: clear,
    clearInterval: clear,
    performance: { now: () => clock.now() - began },
  };
  define(virtual);
  Date.now = () => clock.now();
  Math.random = () => random.next();
  try {
    return await run();
  } finally {
    Date.now = dateNow;
    Math.random = mathRandom;
    define({ setTimeout, clearTimeout, setInterval, clearInterval, performance });
  }
}

function define(values: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(values)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
}
