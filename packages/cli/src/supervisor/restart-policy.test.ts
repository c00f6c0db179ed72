import { describe, expect, it } from "@jest/globals";
import { RestartPolicy } from "./restart-policy.js";

const crash = { code: 1, wasReady: true };

describe("RestartPolicy", () => {
  it("restarts after pauses that grow", () => {
    const policy = new RestartPolicy(() => 0);
    const delays = [0, 1, 2, 3].map((time) => policy.judge(crash, time));
    expect(delays).toEqual([500, 1_000, 2_000, 4_000].map((delayMs) => ({ kind: "restart", delayMs })));
  });

  it("cuts a pause by up to a half", () => {
    expect(new RestartPolicy(() => 1).judge(crash, 0)).toEqual({ kind: "restart", delayMs: 250 });
  });

  it("gives up at the fifth end within a minute", () => {
    const policy = new RestartPolicy();
    for (const time of [0, 10_000, 20_000, 30_000]) expect(policy.judge(crash, time).kind).toBe("restart");
    expect(policy.judge(crash, 59_000)).toMatchObject({ kind: "giveUp", exitCode: 1 });
  });

  it("forgets ends that are longer ago", () => {
    const policy = new RestartPolicy(() => 0);
    for (let time = 0; time < 1_000_000; time += 61_000) {
      expect(policy.judge(crash, time)).toEqual({ kind: "restart", delayMs: 500 });
    }
  });

  it.each([2, 3])("gives up at once when a process ends with %i before it consumed anything", (code) => {
    expect(new RestartPolicy().judge({ code, wasReady: false }, 0)).toMatchObject({ kind: "giveUp", exitCode: code });
  });

  it("restarts a process that lost the broker after it had consumed", () => {
    expect(new RestartPolicy().judge({ code: 3, wasReady: true }, 0).kind).toBe("restart");
  });

  it("restarts a process that a signal killed, ready or not", () => {
    expect(new RestartPolicy().judge({ code: null, wasReady: false }, 0).kind).toBe("restart");
  });
});
