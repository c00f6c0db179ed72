import fc from "fast-check";
import type { RawProperties } from "./amqp-client.js";
import { type FieldValue, field, shortString, type TableEntry, table, uint64 } from "./amqp-values.js";
import { hostileBody } from "./envelopes.js";
import type { Case } from "./target.js";

/** A message as a client of any kind may publish it. */
export interface AmqpCase extends Case {
  readonly properties: RawProperties;
}

const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((array) => Buffer.from(array));

/** Text of a property, up to the longest that there can be, and not always text. */
const shortText = fc.oneof(
  fc.constantFrom("", "x", "é".repeat(127), "a".repeat(255), "\u0000", "\u001b[31m").map((text) => Buffer.from(text)),
  fc.constantFrom(Buffer.alloc(255, 0xff), Buffer.alloc(200, 0xc3), Buffer.alloc(1, 0x80)),
  bytes(255),
);

const contentType = fc
  .oneof(
    fc.constantFrom(
      "application/json",
      "text/plain",
      "application/octet-stream",
      "text/html; charset=utf-16",
      "application/x-python-serialize",
    ),
    fc.constant("application/vnd.chicory+json"),
  )
  .map((text) => Buffer.from(text));

const integer64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });

const simpleValue: fc.Arbitrary<FieldValue> = fc.oneof(
  fc.boolean().map(field.bool),
  fc
    .constantFrom(["b", 1], ["B", 1], ["s", 2], ["u", 2], ["I", 4], ["i", 4], ["f", 4], ["T", 8], ["D", 5], ["d", 8])
    .chain(([letter, size]) => {
      const content = fc.uint8Array({ minLength: Number(size), maxLength: Number(size) });
      return content.map((array) => field.typed(String(letter), array));
    }),
  integer64.map(field.long),
  fc.double().map(field.double),
  bytes(64).map((text) => field.text(text)),
  bytes(64).map((content) => field.typed("x", Buffer.concat([lengthOf(content), content]))),
  fc.constant(field.none()),
);

function lengthOf(content: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  return length;
}

const anyValue: fc.Arbitrary<FieldValue> = fc.letrec<{ value: FieldValue; entry: TableEntry }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    simpleValue,
    fc.array(tie("value"), { maxLength: 3 }).map(field.list),
    fc.array(tie("entry"), { maxLength: 3 }).map(field.table),
  ),
  entry: fc.tuple(bytes(20), tie("value")),
})).value;

const headerName = fc.oneof(
  fc
    .constantFrom("a", "__proto__", "constructor", "", "content-type", "x-anything", "a".repeat(255))
    .map((text) => Buffer.from(text)),
  fc.constant(Buffer.alloc(255, 0xff)),
  bytes(255),
);

/** Headers that mean nothing to the driver or to the server. */
const plainHeaders = fc.array(fc.tuple(headerName, anyValue), { maxLength: 6 });

/** Headers that the server or the driver writes itself, with what nobody would write into them. */
const forgedHeaders = fc.array(
  fc.tuple(
    fc
      .constantFrom(
        "x-delivery-count",
        "x-acquired-count",
        "x-death",
        "x-first-death-queue",
        "x-first-death-reason",
        "x-last-death-queue",
        "x-death-count",
        "chicory-deliveries",
        "chicory-mode",
        "chicory-letter",
        "chicory-buried-at",
        "chicory-not-before",
      )
      .map((name) => Buffer.from(name)),
    fc.oneof(
      anyValue,
      fc.constantFrom(-1n, 0n, 3n, 2n ** 53n, 2n ** 62n).map(field.long),
      fc
        .constantFrom("at-most-once", "at-least-once", "rejected", "{}", '{"reason":5}')
        .map((text) => field.text(text)),
      fc.constant(
        field.list([
          field.table([
            ["reason", field.text("constructor")],
            ["count", field.text("x")],
            ["time", field.none()],
          ]),
        ]),
      ),
    ),
  ),
  { minLength: 1, maxLength: 3 },
);

const properties = (headers: fc.Arbitrary<readonly TableEntry[]>) =>
  fc.record(
    {
      contentType: contentType.map(shortString),
      contentEncoding: fc.constantFrom("utf-8", "gzip", "binary", "deflate, gzip", "\u0000").map(shortString),
      headers: headers.map(table),
      deliveryMode: fc.integer({ min: 1, max: 2 }).map((value) => Buffer.of(value)),
      priority: fc.integer({ min: 0, max: 255 }).map((value) => Buffer.of(value)),
      correlationId: shortText.map(shortString),
      replyTo: shortText.map(shortString),
      messageId: shortText.map(shortString),
      timestamp: fc
        .oneof(fc.constantFrom(0n, 2n ** 63n, 2n ** 64n - 1n), fc.bigInt({ min: 0n, max: 2n ** 40n }))
        .map(uint64),
      type: shortText.map(shortString),
      userId: fc.constant(shortString("guest")),
      appId: shortText.map(shortString),
      clusterId: shortText.map(shortString),
      expiration: fc.constantFrom("86400000", "315360000000").map(shortString),
    },
    { requiredKeys: [] },
  );

const noExpiration = fc.constant({});
const expiring = fc.constantFrom("0", "1").map((time) => ({ expiration: shortString(time) }));

/** Messages of all kinds. */
export const amqpCase: fc.Arbitrary<AmqpCase> = fc.oneof(
  { arbitrary: fc.tuple(hostileBody, properties(plainHeaders), noExpiration).map(toCase(false)), weight: 12 },
  { arbitrary: fc.tuple(hostileBody, fc.constant({}), noExpiration).map(toCase(false)), weight: 3 },
  { arbitrary: fc.tuple(hostileBody, properties(forgedHeaders), noExpiration).map(toCase(true)), weight: 4 },
  { arbitrary: fc.tuple(hostileBody, properties(plainHeaders), expiring).map(toCase(true)), weight: 1 },
);

function toCase(lenient: boolean) {
  return ([body, given, more]: [Buffer, RawProperties, RawProperties]): AmqpCase => ({
    body,
    lenient,
    properties: { ...given, ...more },
  });
}
