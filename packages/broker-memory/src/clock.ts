/** Cancels what was scheduled. May be called twice. */
export type Cancel = () => void;

/** A source of time and of wake-ups. Everything in this broker that depends on time asks its server's clock. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;

  /**
   * Calls `run` once, at `atMs` or soon after. A wake-up keeps the process alive only if `keepsAlive` is true, as it
   * is while somebody waits for a message.
   */
  schedule(atMs: number, run: () => void, keepsAlive?: boolean): Cancel;

  /** Tells a clock that is advanced by hand what must come to rest before it goes on. */
  attach?(activity: Activity): void;
}

/** Something whose work is not over at once, such as a network that delays calls. */
export interface Activity {
  readonly busy: boolean;
}

/** Longest delay that a timer of Node takes; it would fire at once beyond it. */
const MAX_TIMER_MS = 2_147_483_647;

/** The time of the machine. */
export const systemClock: Clock = {
  now: () => Date.now(),

  schedule(atMs, run, keepsAlive = false) {
    let timer: NodeJS.Timeout;
    const arm = (): void => {
      const restMs = atMs - Date.now();
      // Timers count monotonic time and may fire a little early by the wall clock, or the wall clock may be set back.
      timer = setTimeout(() => (Date.now() < atMs ? arm() : run()), Math.min(Math.max(restMs, 0), MAX_TIMER_MS));
      if (!keepsAlive) timer.unref();
    };
    arm();
    return () => clearTimeout(timer);
  },
};
