import fc from "fast-check";

/** Task of the fuzzed app that takes any input. */
export const ANY_TASK = "fuzz.any";

/** Task of the fuzzed app whose schema refuses everything but a string. */
export const TEXT_TASK = "fuzz.text";

/** Stands in payloads and never in names, so that an error or a log line that quotes one is found out. */
export const PAYLOAD_MARK = "s3cret-p4yload";

const NUMBERS = [
  "1e400",
  "-1e400",
  "-0",
  "9007199254740993",
  "-9007199254740993",
  "1e308",
  "5e-324",
  "0.1",
  "1E+2",
  "0",
  "-1",
  "10",
  "9".repeat(400),
];

const KEYS = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "valueOf",
  "toJSON",
  "then",
  "",
  "v",
  "id",
  "\u0000",
];

/** Texts that trouble decoders: lone surrogates, controls, marks, what JSON escapes. */
const ODD_TEXT = fc.constantFrom(
  "\ud800",
  "\udfff x",
  "\u0000",
  "\ufeff",
  "\u2028\u2029",
  "\u001b[2J",
  "\\",
  '"',
  "é".repeat(200),
  "𝒳".repeat(150),
  "a".repeat(201),
);

const text = fc.oneof(fc.string({ unit: "binary", maxLength: 20 }), ODD_TEXT).map((value) => JSON.stringify(value));

/** Raw JSON of one value; what JSON.stringify would never write is among it. */
const rawValue: fc.Arbitrary<string> = fc.oneof(
  { arbitrary: text, weight: 4 },
  { arbitrary: fc.constantFrom(...NUMBERS), weight: 4 },
  { arbitrary: fc.constantFrom("null", "true", "false", "[]", "{}", "[null]", '{"a":1}', '"1"', "5"), weight: 4 },
  { arbitrary: fc.jsonValue({ maxDepth: 4 }).map((value) => JSON.stringify(value)), weight: 3 },
  {
    arbitrary: fc.constantFrom(...KEYS).map((key) => `{${JSON.stringify(key)}:{"polluted":"${PAYLOAD_MARK}"}}`),
    weight: 2,
  },
  { arbitrary: fc.integer({ min: 1, max: 70 }).map((depth) => "[".repeat(depth) + "]".repeat(depth)), weight: 1 },
  { arbitrary: fc.constant('{"constructor":{"prototype":{"polluted":1}}}'), weight: 1 },
);

/** One field of an envelope as raw JSON. */
type Field = readonly [key: string, raw: string];

const validFields: fc.Arbitrary<readonly Field[]> = fc
  .record(
    {
      v: fc.constant("1"),
      id: fc.uuid().map((id) => JSON.stringify(id)),
      name: fc.constantFrom(`"${ANY_TASK}"`, `"${ANY_TASK}"`, `"${ANY_TASK}"`, `"${TEXT_TASK}"`),
      input: fc.oneof(fc.constant(`"${PAYLOAD_MARK}"`), rawValue),
      retries: fc.constantFrom("0", "0", "1", "9007199254740991"),
      enqueuedAt: fc.nat().map(String),
      mode: fc.constantFrom('"at-least-once"', '"at-most-once"'),
      priority: fc.integer({ min: 0, max: 9 }).map(String),
      headers: fc
        .dictionary(fc.string({ minLength: 1, maxLength: 10 }), fc.string({ maxLength: 10 }), { maxKeys: 3 })
        .map((headers) => JSON.stringify(headers)),
      eta: fc.nat().map(String),
      firstFailureAt: fc.nat().map(String),
      lastError: fc.constant('{"name":"Error","message":"x"}'),
      unknownTaskTries: fc.constantFrom("0", "1e308", "-1", '"x"'),
    },
    { requiredKeys: ["v", "id", "name", "retries", "enqueuedAt"] },
  )
  .map((fields) => Object.entries(fields));

/** What is done to one field; each keeps the rest as it is, so that one rule at a time is broken. */
const mutation: fc.Arbitrary<(fields: readonly Field[]) => readonly Field[]> = fc.oneof(
  fc.nat().map((at) => (fields: readonly Field[]) => fields.filter((_, index) => index !== at % fields.length)),
  fc.tuple(fc.nat(), rawValue).map(([at, raw]) => (fields: readonly Field[]) => {
    const index = at % fields.length;
    return fields.map((field, place): Field => (place === index ? [field[0], raw] : field));
  }),
  fc.tuple(fc.nat(), rawValue).map(([at, raw]) => (fields: readonly Field[]) => {
    const [key] = fields[at % fields.length] ?? ["v"];
    return [...fields, [key, raw] as const];
  }),
  fc
    .tuple(fc.oneof(fc.constantFrom(...KEYS), fc.string({ maxLength: 10 })), rawValue)
    .map(([key, raw]) => (fields: readonly Field[]) => [...fields, [key, raw] as const]),
  fc
    .constantFrom("2", "0", "1.0", "1e0", "-1", '"1"', "99", "null")
    .map(
      (version) => (fields: readonly Field[]) =>
        fields.map((field): Field => (field[0] === "v" ? ["v", version] : field)),
    ),
  fc.integer({ min: 65, max: 5_000 }).map((count) => (fields: readonly Field[]) => {
    const many = Array.from({ length: count }, (_, index): Field => [`k${index}`, String(index)]);
    return [...fields, ...many];
  }),
  fc
    .constantFrom("constructor", "__proto__", "hasOwnProperty", "toString", "nobody", ANY_TASK.toUpperCase())
    .map(
      (name) => (fields: readonly Field[]) =>
        fields.map((field): Field => (field[0] === "name" ? ["name", JSON.stringify(name)] : field)),
    ),
);

const write = (fields: readonly Field[]) =>
  Buffer.from(`{${fields.map(([key, raw]) => `${JSON.stringify(key)}:${raw}`).join(",")}}`);

/** Envelopes that were right until one to three things were done to them; some still are. */
const mutated = fc
  .tuple(validFields, fc.array(mutation, { minLength: 1, maxLength: 3 }))
  .map(([fields, mutations]) => write(mutations.reduce((before, mutate) => mutate(before), fields)));

/** What is done to the bytes of an envelope. */
const damaged = fc
  .tuple(validFields.map(write), fc.nat(), fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 4 }))
  .chain(([body, at, length, bytes]) => {
    const place = at % body.length;
    return fc.constantFrom(
      body.subarray(0, place),
      Buffer.concat([body.subarray(0, place), bytes, body.subarray(place)]),
      Buffer.concat([body.subarray(0, place), bytes, body.subarray(Math.min(body.length, place + bytes.length))]),
      Buffer.concat([body, body]),
      Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), body]),
      Buffer.concat([body.subarray(0, place), body.subarray(Math.min(body.length, place + (length % 20)))]),
      Buffer.from(body.toString("utf8"), "utf16le"),
    );
  });

/** Few, since each is a megabyte or more. */
const oversized = fc
  .tuple(fc.integer({ min: 1_000_000, max: 2_500_000 }), fc.constantFrom("[", "x", '{"a":', "\u0000", "0"))
  .map(([bytes, piece]) => Buffer.alloc(bytes, piece));

/** Valid, and far over what a producer of Chicory may send. */
const oversizedEnvelope = fc
  .integer({ min: 1_100_000, max: 2_000_000 })
  .chain((length) =>
    fc
      .uuid()
      .map((id) =>
        Buffer.from(
          `{"v":1,"id":"${id}","name":"${ANY_TASK}","retries":0,"enqueuedAt":1,"input":"${"x".repeat(length)}"}`,
        ),
      ),
  );

/** Bodies of all kinds that somebody could put into a queue. */
export const hostileBody: fc.Arbitrary<Buffer> = fc.oneof(
  { arbitrary: mutated, weight: 500 },
  { arbitrary: damaged, weight: 250 },
  { arbitrary: fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)), weight: 100 },
  { arbitrary: rawValue.map((raw) => Buffer.from(raw)), weight: 60 },
  {
    arbitrary: fc
      .constantFrom("", " ", "null", "[]", "{}", "\u0000", "\ufeff", "{", '{"v":1}')
      .map((body) => Buffer.from(body)),
    weight: 40,
  },
  { arbitrary: validFields.map(write), weight: 100 },
  {
    arbitrary: fc.integer({ min: 60, max: 200_000 }).map((depth) => Buffer.from("[".repeat(depth) + "]".repeat(depth))),
    weight: 10,
  },
  { arbitrary: oversized, weight: 1 },
  { arbitrary: oversizedEnvelope, weight: 1 },
);
