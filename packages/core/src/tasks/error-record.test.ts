import { describe, expect, it } from "@jest/globals";
import { toErrorRecord } from "./error-record.js";

describe("error record", () => {
  it("keeps name, message, code and stack of an error", () => {
    const error = Object.assign(new TypeError("wrong"), { code: "E_WRONG" });
    expect(toErrorRecord(error)).toEqual({ name: "TypeError", message: "wrong", code: "E_WRONG", stack: error.stack });
  });

  it("describes what is no error", () => {
    expect(toErrorRecord("text")).toEqual({ name: "NonError", message: "text" });
    expect(toErrorRecord(undefined).message).toContain("undefined");
    expect(toErrorRecord(Object.create(null)).message).toContain("object");
  });

  it("cuts long texts", () => {
    const record = toErrorRecord(new Error("x".repeat(100_000)));
    expect(record.message.length).toBeLessThanOrEqual(4_096);
    expect(record.stack?.length).toBeLessThanOrEqual(8_192);
  });

  it("survives what cannot be read", () => {
    const hostile = Object.defineProperty(new Error("x"), "message", {
      get() {
        throw new Error("no");
      },
    });
    expect(toErrorRecord(hostile).name).toBe("NonError");
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(toErrorRecord(proxy).name).toBe("NonError");
  });
});
