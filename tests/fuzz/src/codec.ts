import { isDeepStrictEqual } from "node:util";
import { Chicory, type Conclusion, conclude, decodeEnvelope, type Envelope, UndecodableError } from "@chicory/core";
import fc from "fast-check";
import { accepts } from "./accepts.js";
import { ANY_TASK, hostileBody, PAYLOAD_MARK } from "./envelopes.js";
import { chunks, Findings, type FuzzOptions, type Report } from "./report.js";

/** Longest time that one body may take, in milliseconds: far more than a megabyte needs on a busy machine. */
const MAX_DECODE_MS = 5_000;

/** The decoder and what becomes of an envelope in a retry, against the published schema. */
export function fuzzCodec(options: FuzzOptions): Report {
  const findings = new Findings("codec");
  for (const { size, chunkSeed } of chunks(options)) {
    for (const body of fc.sample(hostileBody, { seed: chunkSeed, numRuns: size })) {
      const problem = judge(body, findings);
      if (problem !== undefined) findings.problem(chunkSeed, problem, body);
    }
    if (findings.failed) break;
  }
  return findings.report();
}

function judge(body: Buffer, findings: Findings): string | undefined {
  const began = performance.now();
  const envelope = decoded(body);
  if (performance.now() - began > MAX_DECODE_MS) return "took too long to decode";
  findings.count(envelope instanceof Error ? "refused" : "accepted");
  if (envelope instanceof Error) {
    if (!(envelope instanceof UndecodableError)) return `threw ${envelope.name}`;
    if (`${envelope.stack} ${String(envelope.cause)}`.includes(PAYLOAD_MARK)) return "quoted the body in its error";
    return accepts(body) ? `was refused though the schema takes it (${envelope.message})` : undefined;
  }
  if (!accepts(body)) return "was accepted though the schema refuses it";
  return retryProblem(envelope, body);
}

function decoded(body: Buffer): Envelope | Error {
  try {
    return decodeEnvelope(body);
  } catch (error) {
    return error instanceof Error ? error : new TypeError("something that is no Error was thrown");
  }
}

const app = new Chicory();
app.task(ANY_TASK, { retry: { maxRetries: 1_000, jitter: false } }, async () => undefined);

/** What a failed attempt writes must be read again, with all that was not the attempt's to change. */
function retryProblem(message: Envelope, body: Buffer): string | undefined {
  const task = app.tasks.get(ANY_TASK);
  if (task === undefined) return "the task is gone";
  const delivery = { id: "1", queue: "q", body, deliveryCount: 1, redelivered: false };
  const run = { kind: "run", delivery, task, message, mode: task.mode } as const;
  const error = new Error("x");
  const { settlement }: Conclusion = conclude(run, { kind: "threw", error }, { worker: "w", now: 5, random: 0 });
  if (settlement.kind === "deadLetter") {
    return Buffer.from(settlement.letter.body).equals(body) ? undefined : "was buried with another body";
  }
  if (settlement.kind !== "retry") return `was settled by ${settlement.kind}`;
  const again = decoded(Buffer.from(settlement.replacement.body));
  if (again instanceof Error) return `cannot be read after a retry (${again.message})`;
  const expected = {
    ...message,
    retries: message.retries + 1,
    firstFailureAt: message.firstFailureAt ?? 5,
    lastError: { name: "Error", message: "x" },
  };
  // JSON has one zero: -0 goes as 0.
  return isDeepStrictEqual(withoutSigns(again), withoutSigns(expected)) ? undefined : "was changed by a retry";
}

function withoutSigns(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
