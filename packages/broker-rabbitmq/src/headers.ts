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

/**
 * The headers of a message that is published again, without those that the server wrote about its way so far: it takes
 * them for the way of the new one, and drops what seems to run in a circle.
 */
export function headersToKeep(headers: Readonly<Record<string, unknown>> | undefined): Record<string, unknown> {
  const kept = Object.entries(headers ?? {}).filter(
    ([name]) => !/^x-(death|first-death|last-death|delivery-count|acquired-count)/.test(name),
  );
  return Object.fromEntries(kept);
}
