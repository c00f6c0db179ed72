import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { redisCommand } from "../test/redis-client.js";
import { startRedis } from "./redis.js";
import { canStepClocks, createSteppedClock, type SteppedClock } from "./stepped-clock.js";

const HOUR_MS = 3_600_000;
/** Longest time from asking for the time to comparing it, on a busy machine. */
const SLACK_MS = 60_000;

const describeHere = (await canStepClocks()) ? describe : describe.skip;

describeHere("a stepped clock", () => {
  let clock: SteppedClock;

  beforeAll(async () => {
    clock = await createSteppedClock();
  });

  afterAll(() => {
    clock?.remove();
  });

  it("is what a Node process goes by, and moves its wall clock alone", async () => {
    clock.step(HOUR_MS);
    const code = "console.log(Date.now(), Number(process.hrtime.bigint() / 1000000n))";
    const { stdout } = await promisify(execFile)(process.execPath, ["-e", code], {
      env: { ...process.env, ...clock.env },
    });
    const [wall = 0, monotonic = 0] = stdout.split(" ").map(Number);
    expect(Math.abs(wall - Date.now() - HOUR_MS)).toBeLessThan(SLACK_MS);
    expect(Math.abs(monotonic - Number(process.hrtime.bigint() / 1_000_000n))).toBeLessThan(SLACK_MS);
  });

  it("steps a Redis while it runs, forth and back", async () => {
    clock.step(0);
    const server = await startRedis({ env: clock.env });
    try {
      const secondsAhead = async () => {
        const answer = await redisCommand(server, "EVAL return(tonumber(redis.call([[TIME]])[1])) 0");
        return Number(answer.slice(1)) - Date.now() / 1_000;
      };
      const none = await secondsAhead();
      clock.step(-HOUR_MS);
      const back = await secondsAhead();
      clock.step(2 * HOUR_MS);
      const forth = await secondsAhead();
      expect([none, back, forth].map((seconds) => Math.round(seconds / 600) + 0)).toEqual([0, -6, 12]);
    } finally {
      await server.stop();
    }
  });
});
