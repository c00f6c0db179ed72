import fc from "fast-check";
import { hostileBody } from "./envelopes.js";
import type { Case } from "./target.js";

/** An entry of a work stream as somebody wrote it by hand. */
export interface RedisCase extends Case {
  readonly priority: number;
  /** Fields and values in turn. */
  readonly fields: readonly Buffer[];
}

const bytes = (arbitrary: fc.Arbitrary<string>) => arbitrary.map((text) => Buffer.from(text));

const fieldName = fc.oneof(
  bytes(fc.constantFrom("M", "mm", "e", "", "__proto__", "constructor", "1", "body", "m\u0000", " m", "type")),
  fc.uint8Array({ maxLength: 8 }).map((array) => Buffer.from(array)),
  bytes(fc.string({ maxLength: 8 })),
);

const fieldValue = fc.oneof(
  bytes(fc.constantFrom("", "1", "null", "{}", "\u0000")),
  fc.uint8Array({ maxLength: 16 }).map((array) => Buffer.from(array)),
  hostileBody.filter((body) => body.length < 10_000),
);

const isBodyField = (name: Buffer | undefined) => name?.toString() === "m";

/** Entries without a body: fields of somebody else's. */
const foreignFields = fc
  .array(fc.tuple(fieldName, fieldValue), { minLength: 1, maxLength: 6 })
  .map((pairs) => pairs.filter(([name]) => !isBodyField(name)).flat())
  .filter((fields) => fields.length > 0);

/** More fields than a script of the server may pass on at once. */
const veryWide = fc
  .integer({ min: 3_000, max: 6_000 })
  .map((count) => Array.from({ length: count }, (_, at) => [Buffer.from(`f${at}`), Buffer.from("x")]).flat());

const withBody = fc
  .tuple(hostileBody, fc.option(foreignFields, { nil: [], freq: 8 }), fc.boolean())
  .map(([body, more, first]) => ({
    body,
    fields: first ? [Buffer.from("m"), body, ...more] : [...more, Buffer.from("m"), body],
  }));

const withoutBody = fc
  .oneof({ arbitrary: foreignFields, weight: 200 }, { arbitrary: veryWide, weight: 1 })
  .map((fields) => ({ body: foreignBody(fields), fields }));

/** Entries of all kinds. */
export const redisCase: fc.Arbitrary<RedisCase> = fc
  .tuple(
    fc.oneof({ arbitrary: withBody, weight: 8 }, { arbitrary: withoutBody, weight: 2 }),
    fc.constantFrom(0, 0, 0, 0, 1, 9),
  )
  .map(([entry, priority]) => ({ ...entry, priority }));

/**
 * What a dead letter of an entry without a body must hold: its fields as a JSON object, or where that would lose
 * something, as a list of pairs in which bytes that are no text stand in base64.
 */
function foreignBody(fields: readonly Buffer[]): Buffer {
  const pairs: [Buffer, Buffer][] = [];
  for (let at = 0; at < fields.length; at += 2) pairs.push([fields[at] ?? Buffer.of(), fields[at + 1] ?? Buffer.of()]);
  const isText = (part: Buffer) => Buffer.from(part.toString()).equals(part);
  const names = new Set(pairs.map(([name]) => name.toString()));
  if (names.size === pairs.length && pairs.flat().every(isText)) {
    return Buffer.from(JSON.stringify(Object.fromEntries(pairs.map(([name, value]) => [String(name), String(value)]))));
  }
  const shown = (part: Buffer) => (isText(part) ? part.toString() : { base64: part.toString("base64") });
  return Buffer.from(JSON.stringify(pairs.map(([name, value]) => [shown(name), shown(value)])));
}
