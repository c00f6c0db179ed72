import type { DeadLetterRecord } from "@chicory/core";
import { redactUrls } from "../../errors/redact.js";
import { oneLine } from "../../output/plain-text.js";

/** Parts of an error's message that differ from one failure to the next without meaning another cause. */
const VARIABLE_PARTS: readonly (readonly [RegExp, string])[] = [
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, "<uuid>"],
  [/\b(?:0x)?[0-9a-f]{12,}\b/gi, "<hex>"],
  [/"[^"]*"|'[^']*'|`[^`]*`/g, "<text>"],
  [/\d+/g, "<n>"],
];

/** Longest message that counts; what follows rarely tells causes apart. */
const MAX_LENGTH = 160;

/** The cause of a dead letter as far as it can be told from others: two with the same text belong together. */
export function fingerprint({ error }: Pick<DeadLetterRecord, "error">): string {
  if (error === undefined) return "";
  const [line = ""] = error.message.split("\n");
  const message = VARIABLE_PARTS.reduce(
    (text, [part, name]) => text.replace(part, name),
    oneLine(redactUrls(line).slice(0, MAX_LENGTH)),
  );
  return `${error.name}: ${message}`;
}
