import type { DelayFamily, Names } from "./names.js";

/**
 * How messages are delayed. A delay in whole seconds is written as a binary number of 28 digits. For each digit there
 * is a queue in which every message waits equally long (2^n seconds), so the first to come is the first to leave and
 * nothing waits behind a longer delay. An exchange before each queue looks at its digit: 1 sends the message into the
 * queue, which passes it on to the next lower exchange when its time is over, 0 sends it straight on.
 */
export const DELAY_LEVELS = 28;

/** Milliseconds of the lowest level; the rest below it is waited by the consumer. */
export const DELAY_UNIT_MS = 1_000;

/** Longest delay: all levels together. */
export const MAX_DELAY_MS = (2 ** DELAY_LEVELS - 1) * DELAY_UNIT_MS;

/** AMQP's limit for a routing key, less the digits. */
export const MAX_DELAYED_NAME_LENGTH = 255 - 2 * DELAY_LEVELS;

/** Arguments of a queue or an exchange. */
export type Arguments = Readonly<Record<string, string | number | boolean>>;

/** One step of declaring the levels. */
export type DelayStep =
  | { readonly kind: "exchange"; readonly exchange: string }
  | { readonly kind: "queue"; readonly queue: string; readonly arguments: Arguments }
  | { readonly kind: "bindQueue"; readonly queue: string; readonly exchange: string; readonly routingKey: string }
  | {
      readonly kind: "bindExchange";
      readonly source: string;
      readonly destination: string;
      readonly routingKey: string;
    };

/** Everything that a family of levels is made of, in an order in which nothing refers to what is not there yet. */
export function delaySteps(names: Names, family: DelayFamily): readonly DelayStep[] {
  const levels = Array.from({ length: DELAY_LEVELS }, (_, level) => level);
  const next = (level: number): string => (level === 0 ? names.delayEnd(family) : names.delayLevel(family, level - 1));
  return [
    { kind: "exchange", exchange: names.delayEnd(family) },
    ...levels.map((level): DelayStep => ({ kind: "exchange", exchange: names.delayLevel(family, level) })),
    ...levels.map(
      (level): DelayStep => ({
        kind: "queue",
        queue: names.delayLevel(family, level),
        arguments: levelArguments(family, level, next(level)),
      }),
    ),
    ...levels.map(
      (level): DelayStep => ({
        kind: "bindQueue",
        queue: names.delayLevel(family, level),
        exchange: names.delayLevel(family, level),
        routingKey: digitPattern(level, "1"),
      }),
    ),
    ...levels.map(
      (level): DelayStep => ({
        kind: "bindExchange",
        source: names.delayLevel(family, level),
        destination: next(level),
        routingKey: digitPattern(level, "0"),
      }),
    ),
  ];
}

/**
 * At least once a level confirms before it forgets, so a crash may duplicate; at most once it does not, so a crash may
 * lose. Both are replicated.
 */
function levelArguments(family: DelayFamily, level: number, next: string): Arguments {
  return {
    "x-queue-type": "quorum",
    "x-message-ttl": 2 ** level * DELAY_UNIT_MS,
    "x-dead-letter-exchange": next,
    ...(family === "alo" ? { "x-dead-letter-strategy": "at-least-once", "x-overflow": "reject-publish" } : {}),
  };
}

function digitPattern(level: number, digit: "0" | "1"): string {
  return `${"*.".repeat(DELAY_LEVELS - 1 - level)}${digit}.#`;
}

/** Pattern by which a queue is bound to the end of the delays: exactly its name after exactly the digits. */
export function delayEndPattern(queue: string): string {
  return `${"*.".repeat(DELAY_LEVELS)}${queue}`;
}

/** How a message travels that is to wait for some whole seconds, at least 1. */
export function delayRoute(
  names: Names,
  family: DelayFamily,
  seconds: number,
  queue: string,
): { readonly exchange: string; readonly routingKey: string } {
  const digits = seconds.toString(2).padStart(DELAY_LEVELS, "0");
  return {
    // Straight to the highest level that it must wait in.
    exchange: names.delayLevel(family, 31 - Math.clz32(seconds)),
    routingKey: `${digits.split("").join(".")}.${queue}`,
  };
}
