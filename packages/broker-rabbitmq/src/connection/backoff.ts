const FIRST_PAUSE_MS = 50;

/** Long enough not to disturb a server that recovers, short enough that a worker is back soon after it did. */
const LONGEST_PAUSE_MS = 5_000;

/** Pause before the next attempt after this many failures in a row, with up to a half taken off at random. */
export function pauseMs(failures: number): number {
  const grown = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(failures, 10), LONGEST_PAUSE_MS);
  return grown * (0.5 + Math.random() / 2);
}
