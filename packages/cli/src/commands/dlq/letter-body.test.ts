import { describe, expect, it } from "@jest/globals";
import { toBody } from "./letter-body.js";

describe("toBody", () => {
  it("shows UTF-8 as text, to the byte", () => {
    const text = '\uFEFF{"to":"Zoë \u{1F4E7}"}';
    expect(toBody(Buffer.from(text))).toEqual({ encoding: "utf8", bytes: Buffer.byteLength(text), content: text });
  });

  it("shows everything else as base64", () => {
    const bytes = Uint8Array.from([0xff, 0x00, 0x80]);
    const body = toBody(bytes);
    expect(body).toEqual({ encoding: "base64", bytes: 3, content: "/wCA" });
    expect(Buffer.from(body.content, "base64")).toEqual(Buffer.from(bytes));
  });
});
