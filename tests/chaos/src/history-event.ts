import * as v from "valibot";

/** Milliseconds since the epoch by the clock that no fault steps: see {@link Ledger}. */
const t = v.number();
const id = v.string();
const attempt = v.pipe(v.number(), v.integer(), v.minValue(1));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));

/**
 * One fact in the history of a run, written by the process that knows it at the moment at which it became true. Files
 * of several processes are ordered by `t`, which all of them take from one monotonic clock.
 */
export const historyEventSchema = v.variant("kind", [
  /** A send is about to be called. */
  v.strictObject({
    kind: v.literal("pub-call"),
    t,
    id,
    /** The task's name. */
    task: v.string(),
    mode: v.picklist(["at-least-once", "at-most-once"]),
    queue: v.string(),
    priority: count,
    /** Milliseconds since the epoch by the broker's clock; absent where the task is due at once. */
    eta: v.optional(v.number()),
    /** Whether a repeated send of this id is stored once: given a `dedupeMs`, on a broker that can. */
    dedupe: v.boolean(),
    /** Attempts that may follow the first. */
    maxRetries: count,
    /** What the task comes to if it is left in peace: `either` where that depends on chance or on the faults. */
    expected: v.picklist(["done", "dead", "either"]),
  }),
  /** The send resolved: the broker has the task. */
  v.strictObject({ kind: v.literal("pub-ok"), t, id }),
  /** The send was refused: the broker certainly does not have the task. */
  v.strictObject({ kind: v.literal("pub-fail"), t, id, code: v.string() }),
  /** The send failed, and the broker may have the task. */
  v.strictObject({ kind: v.literal("pub-unknown"), t, id, code: v.string() }),
  /** A handler is about to run. */
  v.strictObject({
    kind: v.literal("run-start"),
    t,
    id,
    attempt,
    queue: v.string(),
    worker: v.string(),
    /** By the worker's own clock, which a fault may have stepped. */
    time: v.number(),
    /** The broker's count of hand-outs, where the worker is told. */
    deliveryCount: v.optional(count),
    /** Priority as it was sent, by a header that travels with the task. */
    priority: v.optional(count),
    /** Priority under which the broker handed it out, where the run can see that. */
    handedOutAs: v.optional(count),
  }),
  /** A handler ended: it returned, or threw. */
  v.strictObject({ kind: v.literal("run-end"), t, id, attempt, worker: v.string(), ok: v.boolean() }),
  /** The broker took what the worker decided. */
  v.strictObject({
    kind: v.literal("settled"),
    t,
    id,
    worker: v.string(),
    as: v.picklist(["succeeded", "retried", "dead-lettered", "failed", "requeued"]),
    /** Of which attempt, where the worker says so. */
    attempt: v.optional(attempt),
  }),
  /** A worker learned that a delivery of this task is not its own any more. */
  v.strictObject({ kind: v.literal("lost-lease"), t, id, worker: v.string(), attempt: v.optional(attempt) }),
  /** A dead letter that is there at the end; one event each. */
  v.strictObject({
    kind: v.literal("dead"),
    t,
    id,
    queue: v.string(),
    reason: v.string(),
    /** How many attempts its record says there were. */
    attempts: v.optional(count),
    /** Whether its record says what was thrown. */
    hasError: v.optional(v.boolean()),
  }),
  /** An operator put a dead letter of this task back. */
  v.strictObject({ kind: v.literal("replayed"), t, id, operator: v.string() }),
  /** What a queue still holds at the end, besides dead letters. */
  v.strictObject({ kind: v.literal("waiting"), t, queue: v.string(), ready: count, delayed: count, inFlight: count }),
  /** A fault begins, or is mended. What is over at once has only its begin. */
  v.strictObject({
    kind: v.literal("nemesis"),
    t,
    op: v.string(),
    phase: v.picklist(["begin", "end"]),
    target: v.optional(v.string()),
  }),
  /** The broker's clock is about to be stepped: from here on it is ahead of the machine's by so much, or behind. */
  v.strictObject({ kind: v.literal("clock"), t, aheadMs: v.number() }),
  /** A worker process came to be ready, or ended. */
  v.strictObject({ kind: v.literal("worker-ready"), t, worker: v.string() }),
  v.strictObject({
    kind: v.literal("worker-exit"),
    t,
    worker: v.string(),
    code: v.nullable(v.number()),
    signal: v.nullable(v.string()),
    /** Whether a fault or the runner caused it, so that another code than 0 is no finding. */
    asked: v.boolean(),
  }),
  /** A promise of a worker or producer was rejected and nobody looked. */
  v.strictObject({ kind: v.literal("unhandled"), t, worker: v.string(), message: v.string() }),
]);

/** See {@link historyEventSchema}. */
export type HistoryEvent = v.InferOutput<typeof historyEventSchema>;

type WithoutTime<TEvent> = TEvent extends HistoryEvent ? Omit<TEvent, "t"> : never;

/** An event as a process notes it: the ledger adds the time. */
export type NewHistoryEvent = WithoutTime<HistoryEvent>;
