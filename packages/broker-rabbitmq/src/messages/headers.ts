/** Headers of messages that Chicory writes. A message without any of them is as good. */
export const HEADERS = {
  /** `at-most-once`, where that is the message's mode: the driver must not duplicate it. */
  mode: "chicory-mode",
  /** Milliseconds since the epoch before which the message must not be handed out. */
  notBefore: "chicory-not-before",
  /** How often the message was handed out under an earlier copy of it that was given back. */
  deliveries: "chicory-deliveries",
  /** The record of a dead letter, as JSON. */
  letter: "chicory-letter",
  /** When a dead letter was written, in milliseconds since the epoch. */
  buriedAt: "chicory-buried-at",
} as const;

/** A header's value if it is a number. */
export function numberHeader(headers: Readonly<Record<string, unknown>> | undefined, name: string): number | undefined {
  const value = headers?.[name];
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

/** A header's value if it can be a count: anybody may have written it. */
export function countHeader(headers: Readonly<Record<string, unknown>> | undefined, name: string): number | undefined {
  const value = numberHeader(headers, name);
  return value === undefined ? undefined : Math.max(0, Math.floor(value));
}
