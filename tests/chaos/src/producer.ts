import { randomUUID } from "node:crypto";
import { PublishError } from "@chicory/core";
import type { Ledger } from "./ledger.js";
import { FAILING_TASK_RETRIES, type Load, QUEUE, type TaskKind } from "./load.js";
import type { Random } from "./random.js";

/** How much of what the producer sends. */
export type LoadSize = Readonly<Record<TaskKind | "delayed", number>>;

/** Sends under way at once. */
const SENDERS = 20;

/** Longer than any send of the load is repeated. */
const DEDUPE_MS = 60_000;

/** Longest work and longest delay of a task of the load, in milliseconds. */
const MAX_WORK_MS = 20;
const MAX_DELAY_MS = 5_000;

/**
 * Sends the load in mixed order over about `spreadMs` and notes each send before and after its promise. Resolves when
 * every promise is settled.
 */
export async function produce(
  load: Load,
  ledger: Ledger,
  size: LoadSize,
  spreadMs: number,
  random: Random,
): Promise<void> {
  const kinds = random.shuffle(
    (["at-least-once", "at-most-once", "always-fails", "delayed"] as const).flatMap((kind) =>
      Array.from({ length: size[kind] }, () => kind),
    ),
  );
  const startedAt = Date.now();
  let next = 0;
  const sender = async () => {
    for (let index = next++; index < kinds.length; index = next++) {
      const due = startedAt + (index / kinds.length) * spreadMs;
      if (due > Date.now()) await new Promise((resolve) => setTimeout(resolve, due - Date.now()));
      const kind = kinds[index];
      if (kind !== undefined) await sendOne(load, ledger, kind, random);
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, sender));
}

async function sendOne(load: Load, ledger: Ledger, kind: TaskKind | "delayed", random: Random): Promise<void> {
  const id = randomUUID();
  const task = kind === "delayed" ? "at-least-once" : kind;
  const eta = kind === "delayed" ? new Date(Date.now() + random.below(MAX_DELAY_MS)) : undefined;
  const fails = task === "always-fails";
  ledger.write({
    kind: "pub-call",
    id,
    task,
    mode: task === "at-most-once" ? "at-most-once" : "at-least-once",
    queue: QUEUE,
    priority: 0,
    ...(eta === undefined ? undefined : { eta: eta.getTime() }),
    dedupe: fails,
    maxRetries: fails ? FAILING_TASK_RETRIES : 0,
    expected: fails ? "dead" : "done",
  });
  try {
    await load.tasks[task].send(
      { workMs: random.below(MAX_WORK_MS) },
      {
        id,
        ...(eta === undefined ? undefined : { eta }),
        // One letter a task can only be asked of a send that a lost reply does not repeat.
        ...(fails ? { dedupeMs: DEDUPE_MS } : undefined),
      },
    );
    ledger.write({ kind: "pub-ok", id });
  } catch (error) {
    if (!(error instanceof PublishError)) throw error;
    ledger.write({ kind: error.outcome === "unknown" ? "pub-unknown" : "pub-fail", id, code: error.code });
  }
}
