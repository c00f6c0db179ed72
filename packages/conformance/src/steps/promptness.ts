import assert from "node:assert/strict";

/**
 * How late something may be that should come at once, in milliseconds: far below the 5 seconds after which a driver
 * that overlooked it would look again by itself.
 */
const PROMPT_MS = 1_500;

/** A busy machine may be late by chance, and a driver that overlooks something is late every time. */
const TRIES = 3;

/** Asserts that in one of a few tries `lateness`, in milliseconds, is small. */
export async function expectPrompt(what: string, lateness: () => Promise<number>): Promise<void> {
  const measured: number[] = [];
  for (let tries = 0; tries < TRIES; tries += 1) {
    const lateMs = await lateness();
    if (lateMs <= PROMPT_MS) return;
    measured.push(Math.round(lateMs));
  }
  assert.fail(`${what} came late every time, by ${measured.join(", ")} ms`);
}
