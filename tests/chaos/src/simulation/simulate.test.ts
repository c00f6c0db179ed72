import { describe, expect, it } from "@jest/globals";
import { check } from "../checker.js";
import { type ProgramName, programs, TERMS } from "./program.js";
import { simulate } from "./simulate.js";

/** A run takes a second; a busy machine may need many times as much. */
const DEADLINE_MS = 300_000;

/** The process stands still for so long this often, in milliseconds, as on a machine that is busy with something else. */
const PAUSE_MS = 25;
const PAUSE_EVERY_MS = 50;

/** The seeds by which defects have to show. */
const SEEDS = [0, 1, 2];

describe("a simulated run", () => {
  it(
    "has one history for one seed, whatever the machine does meanwhile",
    async () => {
      const play = async () => JSON.stringify(await simulate(programs.cuts));
      const first = await play();
      const cell = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
      const pauses = setInterval(() => Atomics.wait(cell, 0, 0, PAUSE_MS), PAUSE_EVERY_MS);
      const second = await play();
      clearInterval(pauses);
      expect(second === first).toBe(true);
    },
    DEADLINE_MS,
  );
});

describe("a simulated run without a defect keeps every promise", () => {
  const runs = (Object.keys(programs) as ProgramName[]).flatMap((name) => SEEDS.map((more) => [name, more] as const));

  it.each(runs)(
    "%s, seed + %d",
    async (name, more) => {
      const program = programs[name];
      const events = await simulate({ ...program, seed: program.seed + more });
      const { violations, counts } = check(events, TERMS);
      expect(violations).toEqual([]);
      expect(counts.confirmed).toBeGreaterThan(100);
    },
    DEADLINE_MS,
  );
});
