import { resolveSection } from "@chicory/core";
import { describe, expect, it } from "@jest/globals";
import { type RabbitmqOptions, rabbitmqSection } from "../config.js";
import type { ServerVersion } from "../connection/server-version.js";
import { Names } from "./names.js";
import { allCount, isStrict, priorityLevels, queueSettings } from "./queue-settings.js";

const names = new Names("chicory");
const NO_ENVIRONMENT = { variables: {}, dotenv: {} };
const configOf = (explicit: RabbitmqOptions) =>
  resolveSection(rabbitmqSection, { explicit, environment: NO_ENVIRONMENT }).values;
const settingsOf = (options: RabbitmqOptions, version?: ServerVersion, queue = "q") =>
  queueSettings(configOf(options), names, queue, version);
const argumentsOf = (options: RabbitmqOptions, queue = "q") => settingsOf(options, undefined, queue).arguments;

describe("the arguments of a queue", () => {
  it("make it a quorum queue that buries without losing, by default", () => {
    expect(argumentsOf({})).toEqual({
      "x-queue-type": "quorum",
      "x-dead-letter-exchange": "",
      "x-dead-letter-routing-key": "chicory.dlq.q",
      "x-dead-letter-strategy": "at-least-once",
      "x-overflow": "reject-publish",
      "x-delivery-limit": 20,
    });
  });

  it("make it a classic queue where it has priorities", () => {
    expect(argumentsOf({ maxPriority: 9 })).toEqual({
      "x-queue-type": "classic",
      "x-dead-letter-exchange": "",
      "x-dead-letter-routing-key": "chicory.dlq.q",
      "x-overflow": "reject-publish",
      "x-max-priority": 9,
    });
  });

  it("take what is said for one queue before what is said for all", () => {
    const options: RabbitmqOptions = {
      maxLength: 10,
      queues: { urgent: { maxPriority: 3, maxLength: 0, arguments: { "x-queue-mode": "lazy" } } },
    };
    expect(argumentsOf(options)).toMatchObject({ "x-queue-type": "quorum", "x-max-length": 10 });
    const urgent = argumentsOf(options, "urgent");
    expect(urgent).toMatchObject({ "x-queue-type": "classic", "x-max-priority": 3, "x-queue-mode": "lazy" });
    expect(urgent).not.toHaveProperty("x-max-length");
  });

  it("carry limits of time and a single active consumer", () => {
    expect(argumentsOf({ messageTtlMs: 60_000, singleActiveConsumer: true })).toMatchObject({
      "x-message-ttl": 60_000,
      "x-single-active-consumer": true,
    });
  });
});

describe("a queue with priorities", () => {
  const shapeOf = (args: Readonly<Record<string, unknown>>) => [args["x-queue-type"], args["x-max-priority"]];

  it.each([
    ["a server that is not known", undefined, [["classic", 9]]],
    ["3.13, where quorum queues know none", { major: 3, minor: 13 }, [["classic", 9]]],
    [
      "4.0, where they know two that nobody declares",
      { major: 4, minor: 0 },
      [
        ["quorum", undefined],
        ["classic", 9],
      ],
    ],
    [
      "4.3, where they know as many as are declared",
      { major: 4, minor: 3 },
      [
        ["quorum", 9],
        ["quorum", undefined],
        ["classic", 9],
      ],
    ],
  ] as const)("is on %s what that can do, or what an older one could", (_, version, forms) => {
    const { arguments: args, olderArguments } = settingsOf({ maxPriority: 9 }, version);
    expect([args, ...olderArguments].map(shapeOf)).toEqual(forms);
    expect(settingsOf({ maxPriority: 9 }, version).queueType).toBe(args["x-queue-type"]);
  });

  it("is a classic one on every server where that is asked for", () => {
    const { arguments: args, olderArguments } = settingsOf(
      { maxPriority: 9, queueType: "classic" },
      { major: 4, minor: 3 },
    );
    expect([args, ...olderArguments].map(shapeOf)).toEqual([["classic", 9]]);
  });

  it("does not change what a queue without them is", () => {
    const { arguments: args, olderArguments } = settingsOf({}, { major: 4, minor: 3 });
    expect([args, ...olderArguments].map(shapeOf)).toEqual([["quorum", undefined]]);
  });

  it("is strict on every server only if it is classic on every server", () => {
    expect(isStrict(configOf({}))).toBe(true);
    expect(isStrict(configOf({ maxPriority: 9 }))).toBe(false);
    expect(isStrict(configOf({ maxPriority: 9, queueType: "classic" }))).toBe(true);
    expect(isStrict(configOf({ queues: { a: { maxPriority: 9 } } }))).toBe(false);
    expect(isStrict(configOf({ queues: { a: { maxPriority: 9, queueType: "classic" } } }))).toBe(true);
  });
});

describe("what the queues can do together", () => {
  it("has as many priorities as the queue with most of them", () => {
    expect(priorityLevels(configOf({}))).toBe(1);
    expect(priorityLevels(configOf({ maxPriority: 9 }))).toBe(10);
    expect(priorityLevels(configOf({ queues: { a: { maxPriority: 4 } } }))).toBe(5);
  });

  it("counts hand-outs only if every queue is a quorum queue", () => {
    expect(allCount(configOf({}))).toBe(true);
    expect(allCount(configOf({ maxPriority: 1 }))).toBe(false);
    expect(allCount(configOf({ queueType: "classic" }))).toBe(false);
    expect(allCount(configOf({ queues: { a: { queueType: "classic" } } }))).toBe(false);
  });
});
