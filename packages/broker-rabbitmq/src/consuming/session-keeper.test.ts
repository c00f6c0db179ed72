import { silentLogger } from "@chicory/core";
import { afterEach, describe, expect, it, jest } from "@jest/globals";
import type { ChannelSession } from "./channel-session.js";
import { SessionKeeper } from "./session-keeper.js";

const ENDS = 20;

afterEach(() => {
  jest.restoreAllMocks();
});

describe("the keeper of a consumer's session", () => {
  it("keeps nothing of sessions that have ended", async () => {
    const added = jest.spyOn(AbortSignal.prototype, "addEventListener");
    const removed = jest.spyOn(AbortSignal.prototype, "removeEventListener");
    const ends: ((reason: Error) => void)[] = [];
    let opened: () => void = () => undefined;
    const keeper = new SessionKeeper({
      open: async () => session(new Promise((resolve) => ends.push(resolve))),
      onOpen: () => opened(),
      onEnd: () => undefined,
      onFailure: () => undefined,
      onAnswer: () => undefined,
      mayBePassedOver: false,
      logger: silentLogger,
    });
    await keeper.start();
    for (let count = 1; count <= ENDS; count++) {
      const next = new Promise<void>((resolve) => {
        opened = resolve;
      });
      ends.at(-1)?.(new Error("the channel was closed"));
      await next;
    }
    expect(ends).toHaveLength(ENDS + 1);
    expect(added.mock.calls.length - removed.mock.calls.length).toBeLessThanOrEqual(1);
    keeper.stop();
  });
});

function session(ended: Promise<Error>): ChannelSession {
  return { live: true, ended, close: async () => undefined } as unknown as ChannelSession;
}
