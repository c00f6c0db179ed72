import { decodeEnvelope, type Envelope } from "@chicory/core";
import { ANY_TASK, TEXT_TASK } from "./envelopes.js";
import { chunks, Findings, type FuzzOptions, type Report } from "./report.js";
import type { Case, Letter, Target } from "./target.js";

/** One of so many messages is a good one, which must be run whatever stands beside it. */
const GOOD_EVERY = 5;

/** Longest time without any progress until a chunk counts as stuck, in milliseconds. */
const STUCK_MS = 60_000;

const POLL_MS = 20;

/** Quiet after which nothing more is expected where it is not known how many messages are there, in milliseconds. */
const QUIET_MS = 2_000;

/** What must become of a message. */
type Fate = { readonly kind: "run"; readonly id: string } | { readonly kind: "buried"; readonly reason: string };

/** Puts generated messages into a queue beside good ones, and judges what became of each. Closes the target. */
export async function fuzzBroker<T extends Case>(starting: Promise<Target<T>>, options: FuzzOptions): Promise<Report> {
  const target = await starting;
  try {
    const findings = new Findings(target.name);
    for (const { size, chunkSeed } of chunks(options)) {
      await fuzzChunk(target, size, chunkSeed, findings);
      if (findings.failed) break;
    }
    return findings.report();
  } finally {
    await target.close();
  }
}

async function fuzzChunk<T extends Case>(
  target: Target<T>,
  size: number,
  chunkSeed: number,
  findings: Findings,
): Promise<void> {
  const cases = [...target.generate(size, chunkSeed)];
  for (let at = cases.length; at >= 0; at -= GOOD_EVERY) {
    const id = `good-${chunkSeed}-${at}`;
    cases.splice(at, 0, target.good(id, goodBody(id)));
  }
  target.worker.runs.clear();
  const unsure = await target.put(cases);
  const letters = await settledLetters(target, cases.length - unsure.size, unsure.size > 0 ? QUIET_MS : 0);
  if (letters === undefined) findings.problem(chunkSeed, `stuck: ${await target.leftovers()}`);
  const sent = cases.map((one, index) => ({ ...one, unsure: unsure.has(index) }));
  judge(sent, letters ?? [], target.worker.runs, (what, body) => findings.problem(chunkSeed, what, body), findings);
  const illness = target.worker.illness;
  if (illness !== undefined) findings.problem(chunkSeed, illness);
}

function goodBody(id: string): Buffer {
  return Buffer.from(JSON.stringify({ v: 1, id, name: ANY_TASK, input: [id], retries: 0, enqueuedAt: 1 }));
}

/** The chunk's dead letters once nothing is left; undefined if it does not come to that. */
async function settledLetters<T extends Case>(
  target: Target<T>,
  sent: number,
  quietMs: number,
): Promise<readonly Letter[] | undefined> {
  const letters: Letter[] = [];
  let seen = -1;
  let seenAt = performance.now();
  for (;;) {
    letters.push(...(await target.takeLetters()));
    const ended = letters.length + sum(target.worker.runs.values());
    if (ended !== seen) {
      seen = ended;
      seenAt = performance.now();
    }
    const isQuiet = performance.now() - seenAt >= quietMs;
    if (ended >= sent && isQuiet && target.worker.idle && (await target.leftovers()) === "") {
      letters.push(...(await target.takeLetters()));
      return letters;
    }
    if (performance.now() - seenAt > STUCK_MS) {
      return undefined;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}

function judge(
  sent: readonly (Case & { readonly unsure: boolean })[],
  letters: readonly Letter[],
  runs: ReadonlyMap<string, number>,
  problem: (what: string, body: Buffer) => void,
  findings: Findings,
): void {
  const ran = new Map(runs);
  const buried = new Map<string, Letter[]>();
  for (const letter of letters) {
    const key = letter.body.toString("latin1");
    buried.set(key, [...(buried.get(key) ?? []), letter]);
  }
  const takeRun = (id: string): boolean => {
    const count = ran.get(id) ?? 0;
    if (count > 0) ran.set(id, count - 1);
    return count > 0;
  };
  const takeLetter = (body: Buffer, reason?: string): boolean => {
    const same = buried.get(body.toString("latin1")) ?? [];
    const at = reason === undefined ? same.length - 1 : same.findIndex((letter) => letter.reason === reason);
    return at >= 0 && same.splice(at, 1).length === 1;
  };
  // What could end in two ways takes what is left.
  const choices = (one: (typeof sent)[number]) => Number(one.lenient ?? false) + 2 * Number(one.unsure);
  for (const { body, lenient, unsure } of [...sent].sort((a, b) => choices(a) - choices(b))) {
    const fate = fateOf(body);
    if (fate.kind === "run" && takeRun(fate.id)) findings.count("run");
    else if (fate.kind === "buried" && takeLetter(body, fate.reason)) findings.count(fate.reason);
    else if (lenient === true && takeLetter(body)) findings.count("buried for what came with it");
    else if (unsure) findings.count("refused by the server");
    else problem(fate.kind === "run" ? "was not run" : `is not in the dead letters as ${fate.reason}`, body);
  }
  for (const [id, count] of ran) if (count > 0) problem(`was run ${count} times too often, id ${id}`, Buffer.from(id));
  for (const same of buried.values()) {
    for (const { body, reason } of same) problem(`is a dead letter (${reason}) that nobody can explain`, body);
  }
}

function fateOf(body: Buffer): Fate {
  let envelope: Envelope;
  try {
    // What the decoder accepts is held against the schema by another part.
    envelope = decodeEnvelope(body);
  } catch {
    return { kind: "buried", reason: "undecodable" };
  }
  const { id, name, input } = envelope;
  if (name === ANY_TASK || (name === TEXT_TASK && typeof input === "string")) return { kind: "run", id };
  return { kind: "buried", reason: name === TEXT_TASK ? "invalid-input" : "unknown-task" };
}
