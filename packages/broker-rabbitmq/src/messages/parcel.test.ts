import type { OutgoingMessage } from "@chicory/core";
import { describe, expect, it } from "@jest/globals";
import { Names } from "../topology/names.js";
import { messageParcel } from "./parcel.js";

const names = new Names("chicory");
const NOW = 1_700_000_000_000;
const message = (fields: Partial<OutgoingMessage> = {}): OutgoingMessage => ({
  id: "m1",
  queue: "q",
  body: "{}",
  mode: "at-least-once",
  priority: 0,
  ...fields,
});

describe("a message on its way", () => {
  it("goes straight to its queue", () => {
    expect(messageParcel(message(), names, NOW)).toMatchObject({ exchange: "", routingKey: "chicory.queue.q" });
  });

  it("waits whole seconds in the levels, and says for when it is", () => {
    const parcel = messageParcel(message({ notBefore: NOW + 5_400 }), names, NOW);
    expect(parcel.exchange).toBe("chicory.delay.v1.alo.02");
    expect(parcel.routingKey).toMatch(/^(0\.){25}1\.0\.1\.q$/);
    expect(parcel.properties.headers).toEqual({ "chicory-not-before": NOW + 5_400 });
  });

  it("goes straight to its queue where less than a second is left", () => {
    expect(messageParcel(message({ notBefore: NOW + 999 }), names, NOW)).toMatchObject({
      exchange: "",
      properties: { headers: { "chicory-not-before": NOW + 999 } },
    });
  });

  it("takes the way that never duplicates where it is at most once", () => {
    const parcel = messageParcel(message({ mode: "at-most-once", notBefore: NOW + 1_000 }), names, NOW);
    expect(parcel.exchange).toBe("chicory.delay.v1.amo.00");
    expect(parcel.properties.headers).toMatchObject({ "chicory-mode": "at-most-once" });
  });

  it("goes to the exchange of its route", () => {
    const route = { exchange: "orders", routingKey: "eu", headers: { kind: "new" } };
    expect(messageParcel(message({ route }), names, NOW)).toMatchObject({
      exchange: "orders",
      routingKey: "eu",
      properties: { headers: { kind: "new" } },
    });
  });

  it("carries bytes of its own", () => {
    const body = Uint8Array.from([1, 2]);
    const parcel = messageParcel(message({ body }), names, NOW);
    body.fill(9);
    expect([...parcel.body]).toEqual([1, 2]);
  });

  it.each(["€".repeat(200), "lone \ud800", "tab\t"])(
    "has a stand-in for an id that would not come back as it is",
    (id) => {
      const { messageId } = messageParcel(message({ id }), names, NOW).properties;
      expect(messageId).toMatch(/^[0-9a-f]{64}$/);
      expect(messageParcel(message({ id }), names, NOW).properties.messageId).toBe(messageId);
    },
  );
});
