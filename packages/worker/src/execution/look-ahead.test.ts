import { describe, expect, it } from "@jest/globals";
import { LookAhead } from "./look-ahead.js";

function fast(): LookAhead {
  const lookAhead = new LookAhead(true);
  lookAhead.handled(0.1);
  lookAhead.fetched(2, true);
  lookAhead.fetched(2, true);
  return lookAhead;
}

describe("look-ahead", () => {
  it("is worthwhile when handlers end sooner than a fetch comes back", () => {
    expect(fast().worthwhile).toBe(true);
  });

  it("is not worthwhile while handlers take longer than a fetch", () => {
    const lookAhead = fast();
    for (let n = 0; n < 20; n++) lookAhead.handled(50);
    expect(lookAhead.worthwhile).toBe(false);
  });

  it("is not worthwhile before anything is known", () => {
    const lookAhead = new LookAhead(true);
    expect(lookAhead.worthwhile).toBe(false);
    lookAhead.fetched(2, true);
    lookAhead.fetched(2, true);
    expect(lookAhead.worthwhile).toBe(false);
  });

  it("ends as soon as a fetch found the queue empty", () => {
    const lookAhead = fast();
    lookAhead.fetched(2, false);
    expect(lookAhead.worthwhile).toBe(false);
  });

  it("does not take a wait for messages for a slow fetch", () => {
    const lookAhead = new LookAhead(true);
    lookAhead.handled(100);
    lookAhead.fetched(60_000, true);
    lookAhead.fetched(1, true);
    expect(lookAhead.worthwhile).toBe(false);
  });

  it("ends when deliveries waited too long, until handlers have been fast for a while", () => {
    const lookAhead = fast();
    lookAhead.waitedTooLong(1_000);
    lookAhead.fetched(2, true);
    lookAhead.handled(0.1);
    expect(lookAhead.worthwhile).toBe(false);
    for (let n = 0; n < 100; n++) lookAhead.handled(0.1);
    lookAhead.fetched(2, true);
    expect(lookAhead.worthwhile).toBe(true);
  });

  it("can be switched off", () => {
    const lookAhead = new LookAhead(false);
    lookAhead.handled(0.1);
    for (let n = 0; n < 9; n++) lookAhead.fetched(2, true);
    expect(lookAhead.worthwhile).toBe(false);
  });
});
