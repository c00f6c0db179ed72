import { resolveSection } from "@chicory/core";
import { describe, expect, it } from "@jest/globals";
import { type RabbitmqOptions, rabbitmqSection } from "./config.js";
import { Names } from "./names.js";
import { allCount, priorityLevels, queueSettings } from "./queue-settings.js";

const names = new Names("chicory");
const NO_ENVIRONMENT = { variables: {}, dotenv: {} };
const configOf = (explicit: RabbitmqOptions) =>
  resolveSection(rabbitmqSection, { explicit, environment: NO_ENVIRONMENT }).values;
const argumentsOf = (options: RabbitmqOptions, queue = "q") => queueSettings(configOf(options), names, queue).arguments;

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
    expect(
      argumentsOf({ messageTtlMs: 60_000, consumerTimeoutMs: 7_200_000, singleActiveConsumer: true }),
    ).toMatchObject({ "x-message-ttl": 60_000, "x-consumer-timeout": 7_200_000, "x-single-active-consumer": true });
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
