/** Longest pause between two attempts to connect, in milliseconds: well below a third of the shortest usual lease. */
export const LONGEST_PAUSE_MS = 1_000;

const FIRST_PAUSE_MS = 50;

/** Never less, so that a server that refuses at once is not hammered. */
const SHORTEST_PAUSE_MS = 10;

/**
 * Pause before attempt number `attempt` (from 0) in milliseconds: random between nearly none and a bound that doubles,
 * so that many clients of a server that comes back do not arrive together.
 */
export function pauseBeforeAttempt(attempt: number, random: () => number = Math.random): number {
  const bound = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(attempt, 10), LONGEST_PAUSE_MS);
  return Math.max(SHORTEST_PAUSE_MS, Math.floor(random() * bound));
}
