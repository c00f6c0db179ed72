import { describe, expect, it } from "@jest/globals";
import { entryBody } from "./entry-body.js";

const fields = (...texts: string[]) => texts.map((text) => Buffer.from(text));

describe("the body of an entry", () => {
  it("is what stands in its field", () => {
    expect(entryBody(fields("m", "body")).toString()).toBe("body");
    expect(entryBody(fields("other", "m", "m", "body")).toString()).toBe("body");
  });

  it("may be empty", () => {
    expect(entryBody(fields("m", "")).length).toBe(0);
  });

  it("is a JSON object of the fields where there are others", () => {
    expect(entryBody(fields("name", "add", "input", '{"a":1}')).toString()).toBe(
      '{"name":"add","input":"{\\"a\\":1}"}',
    );
  });

  it("is a list of pairs where an object would keep only the last of a name", () => {
    expect(entryBody(fields("a", "1", "a", "2")).toString()).toBe('[["a","1"],["a","2"]]');
  });

  it("keeps bytes that are no text", () => {
    expect(entryBody([Buffer.from([0xff]), Buffer.from([0xfe])]).toString()).toBe(
      '[[{"base64":"/w=="},{"base64":"/g=="}]]',
    );
  });

  it("never fails, whatever the fields are", () => {
    expect(entryBody([]).toString()).toBe("{}");
    expect(entryBody(fields("odd")).toString()).toBe('{"odd":""}');
  });
});
