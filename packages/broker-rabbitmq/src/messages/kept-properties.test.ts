import { describe, expect, it } from "@jest/globals";
import { fitsShort, headersToKeep, keptProperties } from "./kept-properties.js";

describe("what is kept of a message that is published again", () => {
  it("is every property that a client can write as it was", () => {
    const properties = {
      contentType: "text/plain",
      correlationId: "c",
      replyTo: "r",
      messageId: "m",
      type: "t",
      appId: "a",
      priority: 3,
      timestamp: 1_700_000_000,
      headers: { text: "x", list: [1, "two", null], table: { deep: true }, half: 0.5, negative: -(2 ** 52) },
    };
    expect(keptProperties(properties)).toEqual(properties);
  });

  it("is nothing about one hand-out, and no name of a user", () => {
    const message = { consumerTag: "c", deliveryTag: 1, exchange: "e", userId: "guest", expiration: "5", body: "x" };
    expect(keptProperties(message)).toEqual({});
  });

  it("is no text that would be cut: one that is none grows when it is read", () => {
    const grown = "\ufffd".repeat(86);
    expect(keptProperties({ messageId: grown, type: "x".repeat(256), timestamp: 2 ** 64 })).toEqual({});
    expect(headersToKeep({ [grown]: 1, mine: { [grown]: 1 }, other: 1 })).toEqual({ other: 1 });
  });

  it.each([Number.NaN, Number.NEGATIVE_INFINITY, -1e300, 2 ** 50 + 0.5, new Uint8Array(3)])(
    "is not %p in a header, which the client cannot write",
    (value) => {
      expect(headersToKeep({ value, list: [value], other: 1 })).toEqual({ other: 1 });
    },
  );

  it("is no order to the server, and no account of the way so far", () => {
    const orders = { CC: ["copy"], BCC: ["copy"], "x-death": [{}], "x-first-death-queue": "q", "x-delivery-count": 3 };
    expect(headersToKeep({ ...orders, "x-trace": "t", ACC: 1 })).toEqual({ "x-trace": "t", ACC: 1 });
  });

  it("fits into a frame, however much there is, and however deep", () => {
    let deep: unknown = 1;
    for (let depth = 0; depth < 40; depth += 1) deep = { deep };
    const headers = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`h${index}`, "x".repeat(1_000)]));
    const kept = headersToKeep({ deep, ...headers });
    expect(kept).not.toHaveProperty("deep");
    expect(Object.keys(kept).length).toBeGreaterThan(50);
    expect(JSON.stringify(kept).length).toBeLessThan(70_000);
  });

  it("is counted in bytes", () => {
    expect(fitsShort("x".repeat(255))).toBe(true);
    expect(fitsShort("é".repeat(128))).toBe(false);
  });
});
