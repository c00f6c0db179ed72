import { describe, expect, it } from "@jest/globals";
import { type ConsumerTimeoutQuestion, consumerTimeout } from "./consumer-timeout.js";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const [V3_10, V3_12, V4_0, V4_3] = [
  { major: 3, minor: 10 },
  { major: 3, minor: 12 },
  { major: 4, minor: 0 },
  { major: 4, minor: 3 },
];

function decide(
  question: Partial<ConsumerTimeoutQuestion>,
  configured?: number,
  queueType: "quorum" | "classic" = "quorum",
) {
  const settings = { queueType, consumerTimeoutMs: configured };
  return consumerTimeout({ queue: "q", settings, version: V4_0, longestTaskMs: undefined, exists: false, ...question });
}

describe("how long the server waits for an acknowledgement", () => {
  it("is left to the server where no task takes longer than its default", () => {
    for (const version of [undefined, V3_10, V3_12, V4_0, V4_3]) {
      expect(decide({ version })).toEqual({});
      expect(decide({ version, longestTaskMs: 1_500_000 })).toEqual({});
    }
  });

  it("is declared with the queue in whole days that leave room for other tasks, from 3.12 on", () => {
    expect(decide({ version: V3_12, longestTaskMs: 2 * HOUR_MS })).toEqual({ queueArgument: DAY_MS });
    expect(decide({ version: V4_0, longestTaskMs: 24 * HOUR_MS })).toEqual({ queueArgument: 2 * DAY_MS });
    expect(decide({ version: V4_0, longestTaskMs: 2 * HOUR_MS }, undefined, "classic")).toEqual({
      queueArgument: DAY_MS,
    });
  });

  it("may be another one in a queue that is there already, which is said", () => {
    const { queueArgument, warning } = decide({ longestTaskMs: 2 * HOUR_MS, exists: true });
    expect(queueArgument).toBe(DAY_MS);
    expect(warning).toMatch(/7200000 ms.*unless queue "q" was declared with x-consumer-timeout/);
  });

  it("is told by the consumer from 4.3 on, whatever the queue was declared with", () => {
    expect(decide({ version: V4_3, longestTaskMs: 2 * HOUR_MS, exists: true })).toEqual({ consumerArgument: DAY_MS });
    expect(decide({ version: V4_3 }, 5 * HOUR_MS)).toEqual({ consumerArgument: 5 * HOUR_MS });
  });

  it("is none for a classic queue from 4.3 on, which refuses the argument", () => {
    expect(decide({ version: V4_3, longestTaskMs: 2 * HOUR_MS }, undefined, "classic")).toEqual({});
    expect(decide({ version: V4_3 }, 5 * HOUR_MS, "classic")).toEqual({});
  });

  it.each([V3_10, undefined])("cannot be told to an older server, which is said", (version) => {
    const { warning, ...args } = decide({ version, longestTaskMs: 2 * HOUR_MS });
    expect(args).toEqual({});
    expect(warning).toMatch(/within 1800000 ms.*set consumer_timeout there, and consumerTimeoutMs to the same/);
  });

  it("is what config says, with a warning if a task may take longer", () => {
    expect(decide({ longestTaskMs: 2 * HOUR_MS }, 3 * HOUR_MS)).toEqual({ queueArgument: 3 * HOUR_MS });
    expect(decide({ version: V3_10, longestTaskMs: 2 * HOUR_MS }, 3 * HOUR_MS).warning).toBeUndefined();
    const { queueArgument, warning } = decide({ longestTaskMs: 2 * HOUR_MS, exists: true }, HOUR_MS);
    expect(queueArgument).toBe(HOUR_MS);
    expect(warning).toMatch(/within 3600000 ms.*raise consumerTimeoutMs to at least 7320000/);
  });
});
