import {
  type DeadLetterReason,
  type Delivery,
  decodeEnvelope,
  type Envelope,
  type Logger,
  type Run,
} from "@chicory/core";
import { type Counters, noCounts } from "./counters.js";
import type { Emitter } from "./emitter.js";
import type { Outcome } from "./execution/outcome.js";
import type { DeliveryEvent, EndedTaskEvent, TaskEvent, WorkerEvents } from "./worker-events.js";

/** Counts, tells and logs what becomes of one queue's deliveries. An event's payload is made only if somebody listens. */
export class Reporter {
  readonly counters: Counters = noCounts();
  readonly #queue: string;
  readonly #events: Emitter<WorkerEvents>;
  readonly #logger: Logger;

  constructor(queue: string, events: Emitter<WorkerEvents>, logger: Logger) {
    this.#queue = queue;
    this.#events = events;
    this.#logger = logger;
  }

  started(run: Run): void {
    this.counters.started += 1;
    if (this.#events.has("started")) this.#events.emit("started", taskEvent(run));
  }

  /** A settlement took. */
  settled(outcome: Outcome): void {
    switch (outcome.kind) {
      case "succeeded":
        this.succeeded(outcome.run, outcome.durationMs);
        break;
      case "retried": {
        const { run, durationMs, error, delayMs } = outcome;
        this.counters.retried += 1;
        this.#logger.warn({ ...nameOf(run.message), err: error, delayMs }, "A task failed and will be tried again");
        if (!this.#events.has("retried")) break;
        this.#events.emit("retried", { ...endedTaskEvent(run, durationMs), error, delayMs });
        break;
      }
      case "deadLettered": {
        const { settlement, message, reason, error } = outcome;
        this.counters.deadLettered += 1;
        const event = { ...this.#deliveryEvent(settlement.delivery, message), reason, error };
        this.#logger.error({ ...nameOf(message), err: error, reason }, "A message was put into the dead letters");
        this.#events.emit("deadLettered", event);
        break;
      }
      case "dropped":
        this.failed(outcome.settlement.delivery, outcome.message, outcome.reason, outcome.error);
        break;
      case "unknownTask": {
        const { settlement, message } = outcome;
        this.counters.unknownTask += 1;
        this.#logger.warn(nameOf(message), "A message for a task that this app does not have was put back");
        this.#events.emit("unknownTask", this.#deliveryEvent(settlement.delivery, message));
        break;
      }
      case "requeued": {
        this.counters.requeued += 1;
        if (!this.#events.has("requeued")) break;
        const { settlement, message = readableOf(settlement.delivery) } = outcome;
        this.#events.emit("requeued", this.#deliveryEvent(settlement.delivery, message));
        break;
      }
    }
  }

  /** A task returned, and is settled. */
  succeeded(run: Run, durationMs: number): void {
    this.counters.succeeded += 1;
    if (this.#events.has("succeeded")) this.#events.emit("succeeded", endedTaskEvent(run, durationMs));
  }

  /** A message is gone for good, and is not in the dead letters. */
  failed(delivery: Delivery, message: Envelope | undefined, reason: DeadLetterReason, error: unknown): void {
    this.counters.failed += 1;
    this.#logger.error({ ...nameOf(message), err: error, reason }, "A task failed for good and was not kept");
    this.#events.emit("failed", { ...this.#deliveryEvent(delivery, message), reason, error });
  }

  /** A delivery belongs to somebody else now. */
  lost(delivery: Delivery, message: Envelope | undefined): void {
    this.counters.lost += 1;
    this.#logger.warn({ ...nameOf(message), delivery: delivery.id }, "A delivery was lost to another worker");
    this.#events.emit("lost", this.#deliveryEvent(delivery, message));
  }

  /** A handler goes on although its outcome is known. */
  zombie({ message }: Run): void {
    this.#logger.warn(nameOf(message), "A task ignores that its signal was aborted, and keeps its slot until it ends");
  }

  /** The broker could not be asked, or did not take settlements. */
  queueError(error: unknown, what: string): void {
    this.#logger.warn({ err: error }, what);
    this.#events.emit("queueError", { queue: this.#queue, error });
  }

  rebuilt(): void {
    this.#logger.warn({}, "A consumer that made no progress was replaced");
    this.#events.emit("rebuilt", { queue: this.#queue });
  }

  #deliveryEvent(delivery: Delivery, message: Envelope | undefined): DeliveryEvent {
    const attempt = message === undefined ? undefined : message.retries + 1;
    return { queue: this.#queue, deliveryId: delivery.id, id: message?.id, name: message?.name, attempt };
  }
}

function taskEvent({ delivery, message }: Run): TaskEvent {
  return { queue: delivery.queue, id: message.id, name: message.name, attempt: message.retries + 1 };
}

function endedTaskEvent(run: Run, durationMs: number): EndedTaskEvent {
  return { ...taskEvent(run), durationMs };
}

/** The message of a delivery that nobody has looked at. Whoever runs it will say what is wrong with one that has none. */
function readableOf({ body }: Delivery): Envelope | undefined {
  try {
    return decodeEnvelope(body);
  } catch {
    return undefined;
  }
}

function nameOf(message: Envelope | undefined): { readonly task?: string; readonly id?: string } {
  return message === undefined ? {} : { task: message.name, id: message.id };
}
