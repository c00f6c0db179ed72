import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { ChicoryError } from "../errors/chicory-error.js";
import { MessageTooLargeError, NotSerializableError, UndecodableError } from "../errors/message-errors.js";
import { decodeEnvelope } from "./decode.js";
import { encodeEnvelope, encodeReplacement } from "./encode.js";
import type { Envelope } from "./envelope.js";

const readJson = (path: string) => JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8"));
const accepted: { title: string; body: string; envelope: Envelope }[] = readJson("../../test/golden/accepted.json");
const refused: { title: string; body: string; says: string }[] = readJson("../../test/golden/refused.json");
const isValid = new Ajv2020({ strict: true }).compile(readJson("../../schema/envelope-v1.schema.json"));

const base: Envelope = { v: 1, id: "m", name: "n", retries: 0, enqueuedAt: 1 };
const bytes = (text: string) => Buffer.from(text, "utf8");
const encode = (input: unknown) => encodeEnvelope({ ...base, input }, 1_048_576);

describe("golden vectors", () => {
  it.each(accepted)("accepts $title", ({ body, envelope }) => {
    expect(decodeEnvelope(bytes(body))).toEqual(envelope);
    expect(isValid(JSON.parse(body))).toBe(true);
  });

  it.each(accepted)("writes $title such that it reads the same", ({ envelope }) => {
    expect(decodeEnvelope(bytes(encodeEnvelope(envelope, 10_000)))).toEqual(envelope);
    expect(decodeEnvelope(bytes(encodeReplacement(envelope)))).toEqual(envelope);
  });

  it.each(refused)("refuses $title", ({ body, says }) => {
    expect(() => decodeEnvelope(bytes(body))).toThrow(UndecodableError);
    expect(() => decodeEnvelope(bytes(body))).toThrow(says);
  });

  const parsable = refused.filter(({ body }) => /^[[{n]/.test(body) && !body.endsWith("na"));

  it.each(parsable.filter(({ body }) => body.startsWith("{")))("refuses $title when it is sent, too", ({ body }) => {
    expect(() => encodeEnvelope(JSON.parse(body), 10_000)).toThrow(ChicoryError);
  });

  it.each(parsable)("states in the JSON Schema that $title is refused", ({ body }) =>
    expect(isValid(JSON.parse(body))).toBe(false),
  );
});

describe("what no worker could read", () => {
  it.each([
    [{ headers: 5 }, /"headers" is missing or wrong.*createMessage/],
    [{ headers: { a: undefined } }, /"headers"/],
    [{ headers: JSON.parse('{"__proto__":"x"}') }, /"headers" is missing or wrong/],
    [{ id: "" }, /"id"/],
    [{ priority: 10 }, /"priority"/],
    [{ eta: Number.NaN }, /"eta"/],
    [{ own: 1n }, /own is a BigInt/],
    [{ own: [Number.POSITIVE_INFINITY] }, /own\[0\] is Infinity/],
    [JSON.parse('{"__proto__":1}'), /__proto__ is an own property/],
  ] as const)("is refused by whoever sends it: %p", (fields, reason) => {
    const envelope = Object.defineProperties({ ...base }, Object.getOwnPropertyDescriptors(fields));
    expect(() => encodeEnvelope(envelope as Envelope, 10_000)).toThrow(reason);
    expect(() => encodeEnvelope(envelope as Envelope, 10_000)).toThrow(ChicoryError);
  });
});

describe("decoding", () => {
  const withInput = (input: string) => bytes(`{"v":1,"id":"m","name":"n","retries":0,"enqueuedAt":1,"input":${input}}`);

  it("refuses bytes that are not UTF-8", () => {
    expect(() => decodeEnvelope(Buffer.from([0x7b, 0xff, 0xfe, 0x7d]))).toThrow("not valid UTF-8");
  });

  it("refuses a byte order mark, which is no JSON", () => {
    const mark = Buffer.from([0xef, 0xbb, 0xbf]);
    expect(() => decodeEnvelope(Buffer.concat([mark, withInput("1")]))).toThrow("not valid JSON");
  });

  it.each(["__proto__", "\\u005f_proto__", "_\\u005Fproto__", "__pr\\u006fto__", "\\u005f\\u005f\\u0070roto__"])(
    "refuses the key %s however deep, and leaves prototypes alone",
    (key) => {
      expect(() => decodeEnvelope(withInput(`[{"a":{"${key}":{"polluted":true}}}]`))).toThrow("__proto__");
      expect(Reflect.get({}, "polluted")).toBeUndefined();
    },
  );

  it.each(["1e400", "-1E+0400", "9e999", "9".repeat(400), `${"9".repeat(250)}e99`])(
    "refuses a number that would be infinite, which no retry could write again: %.20s",
    (number) => {
      expect(() => decodeEnvelope(withInput(`[{"a":${number}}]`))).toThrow("number that is too large");
    },
  );

  it.each(["1e308", "1e-400", '"1e400"', "9".repeat(300), `"${"9".repeat(400)}"`])(
    "accepts what only looks like one: %.20s",
    (text) => {
      expect(decodeEnvelope(withInput(text)).input).toEqual(JSON.parse(text));
    },
  );

  it("looks at nothing that a program gave every object", () => {
    const body = bytes(encode({ a: {} }));
    Object.defineProperty(Object.prototype, "given", { value: {}, enumerable: true, configurable: true });
    try {
      expect(decodeEnvelope(body).id).toBe("m");
    } finally {
      Reflect.deleteProperty(Object.prototype, "given");
    }
  });

  it("counts characters as the schema does, not units of UTF-16", () => {
    const withId = (id: string) => bytes(JSON.stringify({ ...base, id }));
    expect(decodeEnvelope(withId("𝒳".repeat(200))).id).toHaveLength(400);
    expect(() => decodeEnvelope(withId("𝒳".repeat(201)))).toThrow('"id"');
  });

  it("accepts 64 levels and refuses 65", () => {
    const nested = (levels: number) => withInput("[".repeat(levels - 1) + "]".repeat(levels - 1));
    expect(decodeEnvelope(nested(64)).id).toBe("m");
    expect(() => decodeEnvelope(nested(65))).toThrow("deeper than 64");
  });

  it("accepts a body that is wide, however many brackets it has", () => {
    const wide = withInput(`[${Array(1_000).fill('{"a":[]}').join()}]`);
    expect(decodeEnvelope(wide).input).toHaveLength(1_000);
  });

  it("does not count brackets inside of strings as nesting", () => {
    expect(decodeEnvelope(withInput(`"${"[".repeat(200)}\\"${"{".repeat(200)}"`)).id).toBe("m");
  });

  it("refuses a very deep body without exhausting the stack", () => {
    expect(() => decodeEnvelope(withInput("[".repeat(500_000)))).toThrow(UndecodableError);
  });

  it("quotes nothing of the body in its errors", () => {
    const error = catchError(() => decodeEnvelope(bytes('{"v":1,"id":5,"card":"4111-1111"}')));
    const parse = catchError(() => decodeEnvelope(bytes("card 4111-1111")));
    expect(`${error} ${parse} ${parse.cause}`).not.toContain("4111");
  });

  it("never throws anything but an UndecodableError, whatever it is given", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (body) => {
        try {
          decodeEnvelope(body);
        } catch (error) {
          expect(error).toBeInstanceOf(UndecodableError);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("encoding", () => {
  const cycle: { self?: unknown } = {};
  cycle.self = { again: cycle };

  it.each<[string, unknown, string]>([
    ["undefined in an array", { list: [1, undefined] }, "input.list[1] is undefined"],
    ["a BigInt", { a: { b: 1n } }, "input.a.b is a BigInt"],
    ["NaN", [Number.NaN], "input[0] is NaN"],
    ["Infinity", { n: Number.NEGATIVE_INFINITY }, "input.n is -Infinity"],
    ["a function", { run: () => 1 }, "input.run is a function"],
    ["a symbol", { s: Symbol("x") }, "input.s is a symbol"],
    ["a cycle", cycle, "input.self.again is a reference"],
    ["a Map", { m: new Map() }, "input.m is a Map"],
    ["a Set", { s: new Set() }, "input.s is a Set"],
    ["an own __proto__", JSON.parse('{"__proto__":1}'), "input.__proto__ is an own property"],
    ["what a toJSON gives", { d: { toJSON: () => ({ x: 1n }) } }, "input.d.toJSON().x is a BigInt"],
  ])("refuses %s by its path", (_, input, message) => {
    expect(() => encode(input)).toThrow(NotSerializableError);
    expect(() => encode(input)).toThrow(message);
  });

  it("refuses what the worker would refuse as too deep", () => {
    let input: unknown = 1;
    for (let depth = 0; depth < 63; depth++) input = [input];
    expect(decodeEnvelope(bytes(encode(input))).input).toEqual(input);
    expect(() => encode([input])).toThrow("nested deeper");
  });

  it("accepts the same object in two places", () => {
    const shared = { a: 1 };
    expect(decodeEnvelope(bytes(encode([shared, shared]))).input).toEqual([shared, shared]);
  });

  it("leaves out undefined properties, and an undefined input altogether", () => {
    expect(encode({ a: undefined, b: 1 })).toContain('"input":{"b":1}');
    expect(encode(undefined)).not.toContain("input");
  });

  it("counts the limit in bytes of UTF-8", () => {
    const size = Buffer.byteLength(encodeEnvelope({ ...base, input: "é".repeat(100) }, 1_000));
    expect(() => encodeEnvelope({ ...base, input: "é".repeat(100) }, size)).not.toThrow();
    expect(() => encodeEnvelope({ ...base, input: "é".repeat(100) }, size - 1)).toThrow(MessageTooLargeError);
  });

  it("gives back every JSON value as it was", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8, noUnicodeString: false }), (input) => {
        fc.pre(!JSON.stringify(input).includes("__proto__"));
        expect(decodeEnvelope(bytes(encode(input))).input).toEqual(JSON.parse(JSON.stringify(input)));
      }),
    );
  });
});

function catchError(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("nothing was thrown");
}
