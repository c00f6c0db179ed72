import { type Delivery, DeliveryMode, type Run, type Settlement } from "@chicory/core";
import { BrokenPromise } from "./broken-promise.js";

/** What is known of one task that was sent. */
export interface ModelTask {
  readonly id: string;
  readonly mode: DeliveryMode;
  readonly notBefore: number | undefined;
  fate: "confirmed" | "refused" | "unknown";
  /** Handlers that were called. */
  executions: number;
  /** Handlers that returned. */
  returned: number;
  /** Settlements that certainly took, by the attempt that they were for. */
  readonly taken: Map<number, string>;
  /** A fault came near it, so that at most once it may be lost. */
  struck: boolean;
}

/** A delivery in the hands of a worker. */
export interface Hold {
  readonly task: ModelTask;
  readonly delivery: Delivery;
  /** What the worker is to do with it. */
  readonly run: Run;
  readonly attempt: number;
  /** How its handler ended; undefined while it was not called. */
  ended: "returned" | "threw" | undefined;
  /** Nobody else may get it: its worker lives and reached the broker all the time. */
  safe: boolean;
}

/**
 * What the delivery protocol promises, and what has happened so far. Every step tells the model what the real system
 * did; the model throws a {@link BrokenPromise} as soon as that was not allowed.
 */
export class DeliveryModel {
  readonly tasks = new Map<string, ModelTask>();
  readonly #hands = new Map<string, Hold[]>();
  readonly #story: string[] = [];

  /** Adds a step to the story. */
  tell(sentence: string): void {
    this.#story.push(sentence);
  }

  /** The deliveries in a worker's hands. */
  hand(worker: string): readonly Hold[] {
    return this.#hands.get(worker) ?? [];
  }

  sent(task: ModelTask): void {
    this.tasks.set(task.id, task);
  }

  /** A worker was handed a delivery. */
  received(worker: string, id: string, delivery: Delivery, now: number): ModelTask {
    const task = this.tasks.get(id);
    if (task === undefined) throw this.#broken("Nothing is made up", `${id} was handed out and never sent`);
    if (task.fate === "refused") {
      throw this.#broken("A refusal is certain", `${id} was handed out, though its send was refused`);
    }
    if (task.notBefore !== undefined && now < task.notBefore) {
      const early = Math.round(task.notBefore - now);
      throw this.#broken("Nothing is early", `${id} was handed out ${early} ms before its time`);
    }
    for (const [other, holds] of this.#hands) {
      if (holds.some((hold) => hold.safe && hold.task === task)) {
        throw this.#broken("A live worker keeps what it holds", `${id} was handed to ${worker} while ${other} held it`);
      }
    }
    if (delivery.redelivered && task.mode === DeliveryMode.AT_MOST_ONCE && !task.struck) {
      throw this.#broken("A graceful stop loses nothing", `${id} was given back, and may not run any more`);
    }
    return task;
  }

  held(worker: string, hold: Hold): void {
    this.#hands.set(worker, [...this.hand(worker), hold]);
  }

  executed(hold: Hold, ended: "returned" | "threw"): void {
    hold.ended = ended;
    hold.task.executions += 1;
    if (ended === "returned") hold.task.returned += 1;
    if (hold.task.mode === DeliveryMode.AT_MOST_ONCE && hold.task.executions > 1) {
      throw this.#broken("At most once", `${hold.task.id} was executed ${hold.task.executions} times`);
    }
  }

  /** A settlement certainly took. A message that is given back is as good as stored anew. */
  took(worker: string, { task, attempt }: Hold, kind: Settlement["kind"]): void {
    if (kind === "requeue") return;
    const before = task.taken.get(attempt);
    if (before !== undefined) {
      const what = `${worker}'s ${kind} of ${task.id} took, though ${before} had taken already`;
      throw this.#broken("Of all settlements of one message one takes", what);
    }
    task.taken.set(attempt, `${worker}'s ${kind}`);
  }

  /** A worker has a delivery no more. */
  dropped(worker: string, hold: Hold): void {
    this.#hands.set(
      worker,
      this.hand(worker).filter((one) => one !== hold),
    );
  }

  /** What a worker holds may belong to somebody else by now. */
  doubted(worker: string): void {
    for (const hold of this.hand(worker)) {
      hold.safe = false;
      hold.task.struck = true;
    }
  }

  /** A worker is gone, with everything that it held. */
  gone(worker: string): void {
    this.#hands.delete(worker);
  }

  /** A fault struck everybody. */
  struck(): void {
    for (const task of this.tasks.values()) task.struck = true;
  }

  /** Everything has come to rest: each task must have come to its end. */
  atRest(letters: readonly string[], waiting: number): void {
    if (waiting > 0) throw this.#broken("Nothing is stuck", `${waiting} messages are left`);
    for (const task of this.tasks.values()) {
      const buried = letters.filter((id) => id === task.id).length;
      if (buried > 1) throw this.#broken("One message makes one dead letter", `${task.id} has ${buried}`);
      if (task.fate !== "confirmed") continue;
      if (task.mode === DeliveryMode.AT_LEAST_ONCE && task.returned + buried === 0) {
        throw this.#broken("At least once", `${task.id} was confirmed, and neither executed nor buried`);
      }
      if (task.mode === DeliveryMode.AT_MOST_ONCE && !task.struck && task.executions + buried === 0) {
        throw this.#broken("A graceful stop loses nothing", `${task.id} was confirmed and not executed`);
      }
    }
  }

  #broken(promise: string, what: string): BrokenPromise {
    return new BrokenPromise(promise, what, this.#story);
  }
}
