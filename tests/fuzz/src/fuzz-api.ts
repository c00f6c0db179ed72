import { inspect } from "node:util";
import { ChicoryError, createMessage, isQueueName, type MessageOptions, type SendOptions } from "@chicory/core";
import fc from "fast-check";
import { ANY_TASK, PAYLOAD_MARK } from "./envelopes.js";
import { type FuzzedWorker, ODD_QUEUES, QUEUE } from "./fuzzed-worker.js";
import { chunks, Findings, type FuzzOptions, type Report } from "./report.js";
import type { Case, Target } from "./target.js";

/** Delays up to this are waited for, in milliseconds; what is accepted for later stays with the broker. */
const SHORT_MS = 50;

/** Longest wait for what was accepted to be run, in milliseconds. */
const RUN_DEADLINE_MS = 60_000;

/** Sends that are under way at once. */
const PARALLEL = 100;

const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 30 }),
  fc.constantFrom("", "__proto__", "constructor", "a{b}", "a:b", "\u0000", "é".repeat(200), "𝒳".repeat(200), "*", "#"),
  fc.constantFrom("\ud800", "x".repeat(201), "../..", "a b", "\r\nDEL x", "a'; DROP", "%s%n", "\u202e"),
);

/** What types forbid is given too: programs in JavaScript have none. */
const wrong = fc.constantFrom<unknown>(
  null,
  0,
  -1,
  "5",
  true,
  [],
  {},
  Number.NaN,
  Number.POSITIVE_INFINITY,
  2 ** 53,
  -0,
  5n,
);

/** Mostly what a program may pass, and now and then anything: one wrong option is enough for a refusal. */
const mostly = (right: fc.Arbitrary<unknown>, other: fc.Arbitrary<unknown>) =>
  fc.oneof({ arbitrary: right, weight: 6 }, { arbitrary: other, weight: 1 });

const number = fc.oneof(
  fc.integer(),
  fc.double(),
  fc.constantFrom(0, 1, 9, 10, -1, 1e21, Number.MAX_SAFE_INTEGER),
  wrong,
);

const queue = mostly(
  fc.constantFrom<unknown>(QUEUE, ...ODD_QUEUES),
  // A name that is one would be a queue more, which nobody consumes.
  fc.oneof<fc.Arbitrary<unknown>[]>(text, wrong).filter((name) => !isQueueName(name)),
);

const input = mostly(
  fc.jsonValue(),
  fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    withSet: true,
    withSparseArray: true,
    withTypedArray: true,
    withUnicodeString: true,
    maxDepth: 4,
  } as fc.ObjectConstraints),
);

const options = fc.record(
  {
    queue,
    id: mostly(fc.oneof(text, fc.uuid()), wrong),
    headers: mostly(
      fc.dictionary(text, text, { maxKeys: 5 }),
      fc.oneof(fc.dictionary(text, wrong, { maxKeys: 3 }), wrong),
    ),
    priority: mostly(fc.integer({ min: 0, max: 9 }), number),
    delayMs: mostly(fc.constantFrom(0, 1, SHORT_MS), number),
    eta: mostly(fc.date({ max: new Date("2020-01-01") }), fc.oneof<fc.Arbitrary<unknown>[]>(fc.date(), number)),
    dedupeMs: mostly(fc.constant(60_000), number),
  },
  { requiredKeys: [] },
);

interface Send {
  readonly input: unknown;
  readonly options: Readonly<Record<string, unknown>>;
  /** By the task, or by a message of one's own making. */
  readonly way: "send" | "sendMany" | "publish";
}

const send: fc.Arbitrary<Send> = fc.record({
  input: input.map((value) => [PAYLOAD_MARK, value]),
  options: fc.oneof({ arbitrary: options, weight: 3 }, { arbitrary: fc.constant({}), weight: 1 }),
  way: fc.constantFrom("send", "send", "sendMany", "publish"),
});

/** Sends whatever the API lets be passed: each is refused with an error of Chicory's, or run. Closes the target. */
export async function fuzzApi<T extends Case>(starting: Promise<Target<T>>, fuzz: FuzzOptions): Promise<Report> {
  const target = await starting;
  const findings = new Findings(`api-${target.name}`);
  try {
    for (const { size, chunkSeed } of chunks(fuzz)) {
      await fuzzChunk(target, fc.sample(send, { seed: chunkSeed, numRuns: size }), chunkSeed, findings);
      if (findings.failed) break;
    }
    return findings.report();
  } finally {
    await target.close();
  }
}

async function fuzzChunk<T extends Case>(
  { worker }: Target<T>,
  sends: readonly Send[],
  chunkSeed: number,
  findings: Findings,
): Promise<void> {
  worker.runs.clear();
  const accepted: string[] = [];
  const left = sends.values();
  const lane = async (): Promise<void> => {
    for (const one of left) {
      const outcome = await ended(worker, one);
      findings.count(outcome.kind);
      if (isSoon(one)) accepted.push(...outcome.ids);
      if (outcome.problem !== undefined) findings.problem(chunkSeed, outcome.problem, shown(one));
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, lane));
  const began = performance.now();
  const missing = () => accepted.filter((id) => !worker.runs.has(id));
  while (missing().length > 0 && performance.now() - began < RUN_DEADLINE_MS) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  for (const id of missing()) findings.problem(chunkSeed, "was accepted and never run", Buffer.from(id));
  const { illness } = worker;
  if (illness !== undefined) findings.problem(chunkSeed, illness);
}

/** How a send ended. */
interface Outcome {
  /** "accepted", or the code of the error. */
  readonly kind: string;
  /** Ids of the messages that were accepted. */
  readonly ids: readonly string[];
  /** What is wrong with the error. */
  readonly problem?: string;
}

async function ended(worker: FuzzedWorker, { input: value, options: given, way }: Send): Promise<Outcome> {
  try {
    return { kind: "accepted", ids: await sent(worker, way, value, given) };
  } catch (error) {
    if (!(error instanceof ChicoryError))
      return { kind: "threw", ids: [], problem: `ended with no error of Chicory's: ${inspect(error)}` };
    const everything = inspect(error, { depth: null });
    const quotes = everything.includes(PAYLOAD_MARK);
    return { kind: error.code, ids: [], ...(quotes ? { problem: `quotes the payload: ${everything}` } : {}) };
  }
}

async function sent(
  worker: FuzzedWorker,
  way: Send["way"],
  value: unknown,
  given: Readonly<Record<string, unknown>>,
): Promise<readonly string[]> {
  const typed = given as SendOptions;
  if (way === "send") return [(await worker.task.send(value, typed)).id];
  if (way === "sendMany") return (await worker.task.sendMany([value, value], typed)).map(({ id }) => id);
  const message = createMessage({ ...(given as Omit<MessageOptions, "name">), name: ANY_TASK, input: value });
  await worker.app.broker.publish(message, { queue: QUEUE });
  return [message.id];
}

/** Whether what was accepted is run at once; what may have been known already need not be. */
function isSoon({ way, options: { delayMs, eta, dedupeMs } }: Send): boolean {
  if (dedupeMs !== undefined) return false;
  // A message of one's own making knows no delay, only a time.
  if (way !== "publish" && typeof delayMs === "number") return delayMs <= SHORT_MS;
  const time = eta instanceof Date ? eta.getTime() : eta;
  return typeof time !== "number" || time <= Date.now();
}

function shown({ way, options: given }: Send): Buffer {
  return Buffer.from(`${way} ${inspect(given)}`);
}
