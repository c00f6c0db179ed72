import { describe, expect, it } from "@jest/globals";
import * as v from "valibot";
import { ConfigError } from "../errors/config-error.js";
import { secret } from "./config-schema.js";
import { brokerSection, envVariable } from "./config-section.js";
import { resolveSection } from "./resolve-section.js";

const schema = v.strictObject({
  host: v.optional(v.pipe(v.string(), v.description("Name or address of the server")), "localhost"),
  port: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535)), 6_379),
  password: v.optional(v.pipe(v.string(), v.minLength(3), secret())),
  tls: v.optional(v.boolean(), false),
  keyPrefix: v.optional(v.string(), "chicory"),
  nodes: v.optional(v.array(v.string())),
  mode: v.optional(v.picklist(["fast", "safe"]), "safe"),
  url: v.optional(v.pipe(v.string(), v.regex(/^rediss?:/, "a URL that begins with redis://"), secret())),
});
const section = brokerSection("redis", schema);
const nothing = { variables: {}, dotenv: {} };
const resolve = (variables: Record<string, string>, more: object = {}) =>
  resolveSection(section, { environment: { variables, dotenv: {} }, ...more });

describe("config sections", () => {
  it("names environment variables after section and option", () => {
    expect(envVariable(section, "keyPrefix")).toBe("CHICORY_BROKER_REDIS_KEY_PREFIX");
    expect(envVariable(brokerSection("my-broker", schema), "host")).toBe("CHICORY_BROKER_MY_BROKER_HOST");
  });

  it("asks option, config object, environment, .env and default in this order, for each option by itself", () => {
    const { values, options } = resolveSection(section, {
      explicit: { host: "from-option" },
      configured: { host: "from-config", port: 2 },
      environment: {
        variables: { CHICORY_BROKER_REDIS_PORT: "3", CHICORY_BROKER_REDIS_KEY_PREFIX: "from-env" },
        dotenv: { CHICORY_BROKER_REDIS_KEY_PREFIX: "from-file", CHICORY_BROKER_REDIS_MODE: "fast" },
      },
    });
    expect(values).toEqual({ host: "from-option", port: 2, tls: false, keyPrefix: "from-env", mode: "fast" });
    expect(Object.fromEntries(options.map(({ name, origin }) => [name, origin]))).toEqual({
      host: "option",
      port: "config",
      password: "default",
      tls: "default",
      keyPrefix: "environment",
      nodes: "default",
      mode: ".env",
      url: "default",
    });
  });

  it("takes an option that is undefined, and an empty variable, for not given", () => {
    const { values } = resolve({ CHICORY_BROKER_REDIS_HOST: "" }, { explicit: { port: undefined } });
    expect(values).toMatchObject({ host: "localhost", port: 6_379 });
  });

  it("says what is accepted in the words of the schema, and not in those of a regular expression", () => {
    expect(() => resolve({ CHICORY_BROKER_REDIS_URL: "http://:secret@host" })).toThrow(
      "The environment variable CHICORY_BROKER_REDIS_URL is not acceptable, and must be a URL that begins with redis://",
    );
  });

  it("converts text to numbers, booleans and lists", () => {
    const { values } = resolve({
      CHICORY_BROKER_REDIS_PORT: "7000",
      CHICORY_BROKER_REDIS_TLS: "TRUE",
      CHICORY_BROKER_REDIS_NODES: "a:1, b:2,",
    });
    expect(values).toMatchObject({ port: 7_000, tls: true, nodes: ["a:1", "b:2"] });
  });

  it.each<[Record<string, string>, RegExp]>([
    [
      { CHICORY_BROKER_REDIS_PORT: "abc" },
      /^The environment variable CHICORY_BROKER_REDIS_PORT is "abc", and must be number/,
    ],
    [{ CHICORY_BROKER_REDIS_PORT: "70000" }, /CHICORY_BROKER_REDIS_PORT is 70000, and must be <=65535/],
    [{ CHICORY_BROKER_REDIS_PORT: "1e3" }, /is "1e3", and must be number/],
    [{ CHICORY_BROKER_REDIS_TLS: "maybe" }, /CHICORY_BROKER_REDIS_TLS is "maybe", and must be boolean/],
    [{ CHICORY_BROKER_REDIS_MODE: "quick" }, /is "quick", and must be \(fast \| safe\)/],
  ])("refuses %j by naming the variable, the value and what would be accepted", (variables, message) => {
    expect(() => resolve(variables)).toThrow(ConfigError);
    expect(() => resolve(variables)).toThrow(message);
  });

  it("says what an option means when its value is refused", () => {
    expect(() => resolve({}, { configured: { host: 5 } })).toThrow(
      "broker.redis.host in the config object is 5, and must be string (Name or address of the server)",
    );
  });

  it("never shows a secret that is refused", () => {
    const message = errorOf(() => resolve({ CHICORY_BROKER_REDIS_PASSWORD: "pw" })).message;
    expect(message).toMatch(/CHICORY_BROKER_REDIS_PASSWORD is not acceptable/);
    expect(message).not.toContain("pw");
  });

  it("marks secrets for whoever prints the config", () => {
    const { options } = resolve({ CHICORY_BROKER_REDIS_PASSWORD: "hunter2" });
    expect(options.filter((option) => option.secret).map(({ name }) => name)).toEqual(["password", "url"]);
  });

  it("refuses an option that does not exist, and lists those that do", () => {
    expect(() => resolve({}, { explicit: { hots: "x" } })).toThrow(/"hots" is no option .*host, port, password/);
  });

  it("names what is required and missing", () => {
    const required = brokerSection("x", v.strictObject({ name: v.string() }));
    expect(() => resolveSection(required, { environment: nothing })).toThrow(
      "The option broker.x.name (environment variable CHICORY_BROKER_X_NAME), which is required, is missing",
    );
  });
});

function errorOf(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("nothing was thrown");
}
