import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { Envelope } from "./envelope.js";
import { envelopeJson } from "./envelope-json.js";
import { createMessage } from "./message.js";

const message = (input: unknown): Envelope => createMessage({ name: "email.send", input, mode: "at-least-once" });

describe("envelopeJson", () => {
  it("gives the text that JSON.stringify gives for what a task sends", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (input, id, name) => {
        const sent = createMessage({ name, id, input, mode: "at-least-once" });
        expect(envelopeJson(sent)).toBe(JSON.stringify(sent));
      }),
    );
  });

  it("asks an input for its JSON as JSON.stringify does", () => {
    const sent = message(new Date(0));
    expect(envelopeJson(sent)).toBe(JSON.stringify(sent));
  });

  it("leaves out an input whose JSON is nothing", () => {
    expect(envelopeJson(message({ toJSON: () => undefined }))).not.toContain("input");
    expect(envelopeJson(message(undefined))).not.toContain("input");
  });

  it.each<[string, Partial<Record<keyof Envelope, unknown>>]>([
    ["a field that it does not know", { trace: "x" }],
    ["a field in the place of another", { mode: undefined, trace: "x" }],
    ["a number as text", { retries: "0" }],
    ["a number that JSON has not", { enqueuedAt: Number.NaN }],
    ["an id that is a number", { id: 5 }],
    ["another version", { v: 2 }],
    ["a mode that is none", { mode: 'x","v":2' }],
    ["an eta", { eta: 1 }],
  ])("gives the text that JSON.stringify gives for %s", (_, fields) => {
    const odd = { ...message(1), ...fields } as Envelope;
    expect(envelopeJson(odd)).toBe(JSON.stringify(odd));
  });
});
