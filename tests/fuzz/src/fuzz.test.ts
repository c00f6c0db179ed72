import { describe, expect, it } from "@jest/globals";
import { fuzzCodec } from "./codec.js";
import { fuzzApi } from "./fuzz-api.js";
import { fuzzBroker } from "./fuzz-broker.js";
import { RabbitmqTarget } from "./rabbitmq-target.js";
import { RedisTarget } from "./redis-target.js";

/** Starting a RabbitMQ takes the most of it. */
const TIMEOUT_MS = 300_000;

describe("bad input of a fixed seed", () => {
  it("is taken and refused by the codec as the published schema says, and loses nothing in a retry", () => {
    const { problems, outcomes } = fuzzCodec({ count: 1_500, seed: 20_260 });
    expect(problems).toEqual([]);
    expect(outcomes.accepted).toBeGreaterThan(100);
    expect(outcomes.refused).toBeGreaterThan(100);
  });

  it(
    "is buried or run on Redis as its body says, and so is every good message beside it",
    async () => {
      const { problems, cases } = await fuzzBroker(RedisTarget.start(), { count: 2_000, seed: 41 });
      expect(problems).toEqual([]);
      expect(cases).toBeGreaterThan(2_300);
    },
    TIMEOUT_MS,
  );

  it(
    "is buried or run on RabbitMQ as its body says, and so is every good message beside it",
    async () => {
      const { problems, cases } = await fuzzBroker(RabbitmqTarget.start("quorum"), { count: 1_000, seed: 17 });
      expect(problems).toEqual([]);
      expect(cases).toBeGreaterThan(1_100);
    },
    TIMEOUT_MS,
  );

  it(
    "given to the API is refused with an error that quotes no payload, or run",
    async () => {
      const { problems, outcomes } = await fuzzApi(RedisTarget.start(), { count: 2_000, seed: 7 });
      expect(problems).toEqual([]);
      expect(outcomes.accepted).toBeGreaterThan(200);
    },
    TIMEOUT_MS,
  );
});
