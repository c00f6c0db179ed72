import type { DeadLetterReason, WorkerError } from "@chicory/core";

/** Which execution of which task an event is about. */
export interface TaskEvent {
  readonly queue: string;
  /** The message's id. */
  readonly id: string;
  /** The task's name. */
  readonly name: string;
  /** From 1. */
  readonly attempt: number;
}

/** An execution that is over. */
export interface EndedTaskEvent extends TaskEvent {
  /** From the call of the handler to its end, in milliseconds. */
  readonly durationMs: number;
}

/** A delivery, which need not be a task's message. */
export interface DeliveryEvent {
  readonly queue: string;
  /** The broker's own name for the stored message. */
  readonly deliveryId: string;
  /** The message's id, the task's name and the attempt from 1, where the body was decoded. */
  readonly id: string | undefined;
  readonly name: string | undefined;
  readonly attempt: number | undefined;
}

/**
 * What a worker tells, for tests and metrics. The events that end a task come once its settlement took, so that the
 * broker's counts agree with them.
 */
export interface WorkerEvents {
  /** Every queue is being consumed. */
  readonly ready: { readonly queues: readonly string[] };
  /** A handler is about to be called. */
  readonly started: TaskEvent;
  /** The handler returned. */
  readonly succeeded: EndedTaskEvent;
  /** The handler failed, and another attempt will follow. */
  readonly retried: EndedTaskEvent & { readonly error: unknown; readonly delayMs: number };
  /**
   * The message was put into the dead letters. `error` is what the handler threw, or says what is wrong with the
   * message; undefined where neither is the reason.
   */
  readonly deadLettered: DeliveryEvent & { readonly reason: DeadLetterReason; readonly error: unknown };
  /** A task failed for good and left no dead letter: it runs at most once, or `deadLetters` is false. */
  readonly failed: DeliveryEvent & { readonly reason: DeadLetterReason; readonly error: unknown };
  /** The broker gave the delivery to somebody else, or could not say that this worker still has it. */
  readonly lost: DeliveryEvent;
  /**
   * The delivery was given back to be handed out again: the worker stops, or holds it for too long. It is decoded for
   * this event, whether or not it was started.
   */
  readonly requeued: DeliveryEvent;
  /** A message for a task that this app does not have was put back, to be tried again later. */
  readonly unknownTask: DeliveryEvent;
  /** The broker could not be asked, or did not take settlements. The worker tries again. */
  readonly queueError: { readonly queue: string; readonly error: unknown };
  /** A consumer that made no progress was replaced. */
  readonly rebuilt: { readonly queue: string };
  /** Nothing is in flight and everything is settled, after something was. More may arrive at any time. */
  readonly idle: Readonly<Record<never, never>>;
  /** The worker fetches no more. `error` says why if it does so by itself. */
  readonly stopping: { readonly error: WorkerError | undefined };
  /** The worker holds nothing of the broker any more. */
  readonly stopped: { readonly error: WorkerError | undefined };
}
