import type { HistoryEvent, NewHistoryEvent } from "../history-event.js";
import type { EventOf } from "./task-history.js";

/** Histories that nobody lived through, for tests of the checker. Times are in the order of the calls. */
export class Forge {
  readonly events: HistoryEvent[] = [];
  #t = 1_000;

  /** Lets time pass. */
  wait(ms: number): this {
    this.#t += ms;
    return this;
  }

  note(event: NewHistoryEvent): this {
    this.events.push({ ...event, t: this.#t });
    this.#t += 1;
    return this;
  }

  call(id: string, send: Partial<EventOf<"pub-call">> = {}): this {
    return this.note({
      kind: "pub-call",
      id,
      task: "work",
      mode: "at-least-once",
      queue: "q",
      priority: 0,
      dedupe: false,
      maxRetries: 0,
      expected: "done",
      ...send,
    });
  }

  sent(id: string, send: Partial<EventOf<"pub-call">> = {}): this {
    return this.call(id, send).note({ kind: "pub-ok", id });
  }

  start(id: string, run: Partial<EventOf<"run-start">> = {}): this {
    return this.note({ kind: "run-start", id, attempt: 1, queue: "q", worker: "w1", time: this.#t, ...run });
  }

  end(id: string, run: Partial<EventOf<"run-end">> = {}): this {
    return this.note({ kind: "run-end", id, attempt: 1, worker: "w1", ok: true, ...run });
  }

  settled(id: string, as: EventOf<"settled">["as"] = "succeeded", worker = "w1", attempt?: number): this {
    return this.note({ kind: "settled", id, worker, as, attempt });
  }

  /** A worker is told that a delivery is not its own any more. */
  lost(id: string, worker = "w1", attempt?: number): this {
    return this.note({ kind: "lost-lease", id, worker, attempt });
  }

  /** An execution that returned and was settled. */
  ran(id: string, run: Partial<EventOf<"run-start">> = {}): this {
    const { attempt = 1, worker = "w1" } = run;
    return this.start(id, run).end(id, { attempt, worker }).settled(id, "succeeded", worker);
  }

  /** An execution that threw, and what followed. */
  failed(id: string, as: "retried" | "dead-lettered", run: Partial<EventOf<"run-start">> = {}): this {
    const { attempt = 1, worker = "w1" } = run;
    return this.start(id, run).end(id, { attempt, worker, ok: false }).settled(id, as, worker);
  }

  dead(id: string, reason = "retries-exhausted", letter: Partial<EventOf<"dead">> = {}): this {
    return this.note({ kind: "dead", id, queue: "q", reason, ...letter });
  }

  killed(worker = "w1"): this {
    return this.note({ kind: "worker-exit", worker, code: null, signal: "SIGKILL", asked: true });
  }

  fault(op: string, phase: "begin" | "end" = "begin", target?: string): this {
    return this.note({ kind: "nemesis", op, phase, ...(target === undefined ? undefined : { target }) });
  }
}
