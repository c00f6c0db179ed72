/** What a part of the fuzzing came to. */
export interface Report {
  readonly part: string;
  readonly cases: number;
  /** What must not be, each with what it takes to see it again; empty if all is well. */
  readonly problems: readonly string[];
  /** How many cases ended in which way. */
  readonly outcomes: Readonly<Record<string, number>>;
}

/** How a part is run. */
export interface FuzzOptions {
  readonly count: number;
  readonly seed: number;
}

/** Cases that are generated and judged together. */
const CHUNK = 500;

/** Most problems that are listed: the first few show the defect. */
const MAX_PROBLEMS = 10;

/** Most of a payload that a problem shows, in bytes. */
const MAX_SHOWN = 400;

/** Gathers problems and outcomes while a part runs. */
export class Findings {
  readonly #part: string;
  readonly #problems: string[] = [];
  readonly #outcomes = new Map<string, number>();
  #cases = 0;

  constructor(part: string) {
    this.#part = part;
  }

  get failed(): boolean {
    return this.#problems.length >= MAX_PROBLEMS;
  }

  count(outcome: string, times = 1): void {
    this.#cases += times;
    this.#outcomes.set(outcome, (this.#outcomes.get(outcome) ?? 0) + times);
  }

  /** `chunkSeed` repeats the chunk: `--only part --seed chunkSeed --count ${CHUNK}`. */
  problem(chunkSeed: number, what: string, bytes?: Uint8Array): void {
    if (this.failed) return;
    const shown =
      bytes === undefined ? "" : `: ${JSON.stringify(Buffer.from(bytes.subarray(0, MAX_SHOWN)).toString("latin1"))}`;
    this.#problems.push(`[--only ${this.#part} --seed ${chunkSeed} --count ${CHUNK}] ${what}${shown}`);
  }

  report(): Report {
    const outcomes = Object.fromEntries([...this.#outcomes].sort(([a], [b]) => a.localeCompare(b)));
    return { part: this.#part, cases: this.#cases, problems: this.#problems, outcomes };
  }
}

/** The chunks of a run: how many cases, and the seed that makes them. */
export function* chunks({
  count,
  seed,
}: FuzzOptions): Generator<{ readonly size: number; readonly chunkSeed: number }> {
  for (let done = 0, chunk = 0; done < count; done += CHUNK, chunk++) {
    yield { size: Math.min(CHUNK, count - done), chunkSeed: seed + chunk };
  }
}
