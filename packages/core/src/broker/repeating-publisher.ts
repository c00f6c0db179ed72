import { DeliveryMode } from "../delivery-mode.js";
import type { BrokerDriver } from "../driver/driver.js";
import type { OutgoingMessage } from "../driver/outgoing-message.js";
import { BrokerError, ConnectionError } from "../errors/broker-error.js";
import { PublishError, type PublishFailure } from "../errors/publish-error.js";

/** Pauses between attempts grow from the first to the second, in milliseconds, each cut by up to a half at random. */
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;

/** How a publish is repeated. */
export interface RepeatingPublisherOptions {
  /** The driver, opened if need be; rejects with a `ChicoryError`. */
  readonly driver: () => Promise<BrokerDriver>;
}

/**
 * Publishes batches and repeats what may be repeated until its time is up:
 *
 * - a message that was certainly not stored, for a reason that passes (the server is down, loading, failing over);
 * - a message whose fate is unknown, where a second copy cannot hurt: delivered at least once anyway, or made
 *   idempotent by `dedupeMs`.
 *
 * Everything else is reported at once. A publish never hangs: at the deadline a write that is still out counts as
 * unknown.
 */
export class RepeatingPublisher {
  readonly #driver: () => Promise<BrokerDriver>;

  constructor({ driver }: RepeatingPublisherOptions) {
    this.#driver = driver;
  }

  /**
   * Resolves when every message is stored; rejects with a {@link PublishError} naming the others, at the deadline (by
   * the monotonic clock) at the latest, repetitions included.
   */
  async publish(messages: readonly OutgoingMessage[], deadline: number): Promise<void> {
    const final: PublishFailure[] = [];
    // A message whose first answer was lost may be stored, whatever is said of its repetition.
    const doubtful = new Set<OutgoingMessage>();
    let pending = messages;
    for (let attempt = 0; pending.length > 0; attempt++) {
      const failures = await this.#attempt(pending, deadline);
      if (failures.length === 0) break;
      for (const { message, outcome } of failures) if (outcome === "unknown") doubtful.add(message);
      const pause = pauseMs(attempt);
      const mayRepeat = performance.now() + pause < deadline;
      const again = mayRepeat ? failures.filter(isRepeatable) : [];
      final.push(...(mayRepeat ? failures.filter((failure) => !isRepeatable(failure)) : failures));
      pending = again.map(({ message }) => message);
      if (pending.length === 0) break;
      await passed(pause);
      if (performance.now() < deadline) continue;
      // The process was held up: what is known is what the last attempt said.
      final.push(...again);
      break;
    }
    if (final.length === 0) return;
    const known = final.map((failure) =>
      doubtful.has(failure.message) ? { ...failure, outcome: "unknown" as const } : failure,
    );
    throw new PublishError(inOrderOf(messages, known));
  }

  async #attempt(messages: readonly OutgoingMessage[], deadline: number): Promise<readonly PublishFailure[]> {
    let written = false;
    // Nothing is written that nobody could wait for: so it is certain that it was not stored.
    if (performance.now() >= deadline) {
      const cause = tooLate();
      return messages.map((message) => ({ message, outcome: "rejected", cause }));
    }
    const write = async () => {
      const driver = await this.#driver();
      written = true;
      await driver.publish(messages);
    };
    const failAll = (cause: Error) =>
      messages.map((message): PublishFailure => ({ message, outcome: written ? "unknown" : "rejected", cause }));
    const timer = new Deadline(deadline - performance.now());
    try {
      const inTime = await Promise.race([write().then(() => true), timer.passed]);
      return inTime ? [] : failAll(tooLate());
    } catch (error) {
      if (error instanceof PublishError) return error.failures;
      return failAll(error instanceof Error ? error : new ConnectionError(`the driver failed: ${String(error)}`));
    } finally {
      timer.cancel();
    }
  }
}

/** A promise of `false` at a time, without the cost of an error object for each publish that is in time. */
class Deadline {
  readonly passed: Promise<false>;
  readonly #timer: NodeJS.Timeout;

  constructor(ms: number) {
    let pass: (value: false) => void = () => undefined;
    this.passed = new Promise((resolve) => {
      pass = resolve;
    });
    this.#timer = setTimeout(pass, Math.max(0, ms), false);
  }

  cancel(): void {
    clearTimeout(this.#timer);
  }
}

/** By the global timers, so that a test that puts a clock in their place has hold of it. */
function passed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function tooLate(): ConnectionError {
  return new ConnectionError("the broker did not answer within publishTimeoutMs: check that it is up and reachable");
}

function isRepeatable({ message, outcome, cause }: PublishFailure): boolean {
  const passes = cause instanceof BrokerError && cause.retryable;
  if (outcome === "rejected") return passes;
  return passes && (message.mode === DeliveryMode.AT_LEAST_ONCE || message.dedupeMs !== undefined);
}

function pauseMs(attempt: number): number {
  const grown = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(attempt, 10), LONGEST_PAUSE_MS);
  return grown * (0.5 + Math.random() / 2);
}

/** Repetition leaves failures in the order of attempts; callers get them in the order of their call. */
function inOrderOf(messages: readonly OutgoingMessage[], failures: readonly PublishFailure[]): PublishFailure[] {
  const byMessage = new Map(failures.map((failure) => [failure.message, failure]));
  return messages.flatMap((message) => byMessage.get(message) ?? []);
}
