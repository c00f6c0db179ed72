import { DeliveryMode } from "../delivery-mode.js";
import { ConfigError } from "../errors/config-error.js";

/** How the pause grows with each attempt: the same, by one `delayMs` more, or doubled. */
export type Backoff = "fixed" | "linear" | "exponential";

/**
 * Picks errors: an error class (by `instanceof`), the `name` or `code` of an error, or a function that looks at it.
 * A function that throws does not match.
 */
export type ErrorMatcher = (abstract new (...args: never[]) => Error) | string | ((error: unknown) => boolean);

/** When and how often a task that failed is tried again. */
export interface RetryOptions {
  /** Attempts after the first, 0 to 1,000. Default 3; 0 for tasks at most once, which cannot have any. */
  readonly maxRetries?: number;
  /** Pause before the first retry in milliseconds. Default 1,000. */
  readonly delayMs?: number;
  /** Default "exponential". */
  readonly backoff?: Backoff;
  /** Longest pause in milliseconds, jitter included. Default 3,600,000 (one hour). */
  readonly maxDelayMs?: number;
  /**
   * Whether each pause is drawn at random from its upper half, so that tasks that failed together do not come back
   * together. Default true. Jitter only ever shortens a pause.
   */
  readonly jitter?: boolean;
  /** Retry only errors that match one of these. Default: every error. */
  readonly retryOn?: readonly ErrorMatcher[];
  /** Never retry errors that match one of these, whatever `retryOn` says. */
  readonly ignoreOn?: readonly ErrorMatcher[];
}

/** A retry policy with every default filled in. */
export interface RetryPolicy {
  readonly maxRetries: number;
  readonly delayMs: number;
  readonly backoff: Backoff;
  readonly maxDelayMs: number;
  readonly jitter: boolean;
  readonly retryOn: readonly ErrorMatcher[] | undefined;
  readonly ignoreOn: readonly ErrorMatcher[];
}

/** Cap of `maxRetries`: more attempts than this are a task that should poll, not retry. */
const MAX_RETRIES = 1_000;

/** Longest pause that can be configured: one year. */
export const MAX_RETRY_DELAY_MS = 31_536_000_000;

const BACKOFFS: readonly Backoff[] = ["fixed", "linear", "exponential"];

/** Checks a task's retry options and fills in defaults. Throws a {@link ConfigError} that names task and option. */
export function resolveRetryPolicy(taskName: string, mode: DeliveryMode, options: RetryOptions = {}): RetryPolicy {
  const atMostOnce = mode === DeliveryMode.AT_MOST_ONCE;
  const { maxRetries = atMostOnce ? 0 : 3, delayMs = 1_000, backoff = "exponential", jitter = true } = options;
  const maxDelayMs = options.maxDelayMs ?? Math.max(3_600_000, delayMs);
  const fail = (option: string, expected: string): never => {
    throw new ConfigError(`retry.${option} of task "${taskName}" must be ${expected}`);
  };
  const isDelay = (ms: unknown) => typeof ms === "number" && ms >= 0 && ms <= MAX_RETRY_DELAY_MS;
  if (!Number.isInteger(maxRetries) || maxRetries < 0 || maxRetries > MAX_RETRIES) {
    fail("maxRetries", `a whole number from 0 to ${MAX_RETRIES}`);
  }
  if (atMostOnce && maxRetries > 0) {
    fail("maxRetries", "0, since the task is delivered at most once: a retry would run it twice");
  }
  if (!isDelay(delayMs)) fail("delayMs", `0 to ${MAX_RETRY_DELAY_MS} milliseconds`);
  if (!isDelay(maxDelayMs) || maxDelayMs < delayMs)
    fail("maxDelayMs", `at least delayMs, at most ${MAX_RETRY_DELAY_MS}`);
  if (!BACKOFFS.includes(backoff)) fail("backoff", `one of ${BACKOFFS.join(", ")}`);
  if (typeof jitter !== "boolean") fail("jitter", "true or false");
  return {
    maxRetries,
    delayMs,
    backoff,
    maxDelayMs,
    jitter,
    retryOn: options.retryOn,
    ignoreOn: options.ignoreOn ?? [],
  };
}

/**
 * Pause before the retry that follows `retries` earlier ones, in whole milliseconds. `random` is a number from 0 to
 * below 1. Large counts are safe: the doubling is cut at `maxDelayMs` before it can overflow.
 */
export function retryDelayMs(policy: RetryPolicy, retries: number, random: number): number {
  const grown = policy.delayMs * growth(policy.backoff, retries);
  const capped = Math.min(grown, policy.maxDelayMs);
  return Math.ceil(policy.jitter ? capped * (0.5 + random / 2) : capped);
}

function growth(backoff: Backoff, retries: number): number {
  switch (backoff) {
    case "fixed":
      return 1;
    case "linear":
      return retries + 1;
    case "exponential":
      // 2^42 ms is over a century; the cap applies long before.
      return 2 ** Math.min(retries, 42);
  }
}

/** Whether the policy allows another attempt after this error, attempts left aside. */
export function isRetryable(policy: RetryPolicy, error: unknown): boolean {
  if (policy.ignoreOn.some((matcher) => matches(matcher, error))) return false;
  return policy.retryOn === undefined || policy.retryOn.some((matcher) => matches(matcher, error));
}

/** A matcher that itself throws (`error.response.status` of an error without a response) does not match. */
function matches(matcher: ErrorMatcher, error: unknown): boolean {
  try {
    return matchesUnguarded(matcher, error);
  } catch {
    return false;
  }
}

function matchesUnguarded(matcher: ErrorMatcher, error: unknown): boolean {
  if (typeof matcher === "string") {
    return (
      typeof error === "object" &&
      error !== null &&
      [Reflect.get(error, "name"), Reflect.get(error, "code")].includes(matcher)
    );
  }
  if (isErrorClass(matcher)) return error instanceof matcher;
  return matcher(error);
}

function isErrorClass(matcher: Exclude<ErrorMatcher, string>): matcher is abstract new (...args: never[]) => Error {
  return matcher === Error || matcher.prototype instanceof Error;
}
