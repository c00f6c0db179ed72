import { ConfigError, ConnectionError } from "@chicory/core";
import { afterEach, describe, expect, it } from "@jest/globals";
import { rejection } from "../test/fixture.js";
import * as entry from "./index.js";
import { createDriver, redis } from "./redis.js";

describe("redis()", () => {
  afterEach(() => {
    delete process.env.CHICORY_BROKER_REDIS_URL;
    delete process.env.CHICORY_BROKER_REDIS_PORT;
  });

  async function addressOf(options: Parameters<typeof redis>[0]): Promise<string> {
    const { message } = await rejection(redis(options).connect(), ConnectionError);
    return /Redis at (\S+):/.exec(message)?.[1] ?? message;
  }

  it("connects to the server that the environment names", async () => {
    process.env.CHICORY_BROKER_REDIS_URL = "redis://127.0.0.1:2";
    expect(await addressOf({})).toBe("127.0.0.1:2");
  });

  it("prefers the server that is named in code to a URL of the environment", async () => {
    process.env.CHICORY_BROKER_REDIS_URL = "redis://127.0.0.1:2";
    expect(await addressOf({ port: 3 })).toBe("127.0.0.1:3");
  });

  it("refuses an option that does not exist", () => {
    expect(() => redis({ hosts: "x" } as never)).toThrow(ConfigError);
  });

  it("is a broker package that core can load by its name", () => {
    expect(Object.keys(entry).sort()).toEqual(["brokerName", "configSchema", "createDriver", "redis"]);
    expect(entry.brokerName).toBe("redis");
    expect(entry.createDriver).toBe(createDriver);
  });
});
