import { describe, expect, it } from "@jest/globals";
import { UsageError } from "../errors/command-error.js";
import {
  choiceFlag,
  headersFlag,
  listFlag,
  positiveNumberFlag,
  queueFlag,
  timeFlag,
  wholeNumberFlag,
} from "./flags.js";

describe("wholeNumberFlag", () => {
  const read = wholeNumberFlag("concurrency", 1, 100);

  it("reads a number in its range", () => {
    expect(read("1")).toBe(1);
    expect(read("100")).toBe(100);
  });

  it.each(["0", "101", "-1", "1.5", "1e2", "0x10", "many", "", " "])("refuses %j", (text) => {
    expect(() => read(text)).toThrow(/--concurrency is ".*", and must be a whole number from 1 to 100/);
  });

  it("refuses a flag that was given twice", () => {
    expect(() => read(["1", "2"])).toThrow("--concurrency was given 2 times: give it once");
  });
});

describe("positiveNumberFlag", () => {
  it("reads numbers with a fraction, and refuses what is not above 0", () => {
    expect(positiveNumberFlag("rate")("0.5")).toBe(0.5);
    for (const text of ["0", "-1", "NaN", "Infinity", ""])
      expect(() => positiveNumberFlag("rate")(text)).toThrow(UsageError);
  });
});

describe("choiceFlag", () => {
  it("names the choices", () => {
    expect(choiceFlag("log-level", ["info", "warn"])("warn")).toBe("warn");
    expect(() => choiceFlag("log-level", ["info", "warn"])("loud")).toThrow(
      '--log-level is "loud", and must be one of info, warn',
    );
  });
});

describe("queueFlag", () => {
  it("refuses what is no queue's name", () => {
    expect(queueFlag("queue")("high-priority")).toBe("high-priority");
    expect(() => queueFlag("queue")("a b")).toThrow(/no queue's name/);
  });
});

describe("listFlag", () => {
  it("reads one and many", () => {
    expect(listFlag("a")).toEqual(["a"]);
    expect(listFlag(["a", "b"])).toEqual(["a", "b"]);
  });
});

describe("timeFlag", () => {
  it("reads ISO 8601 and nothing that depends on the place", () => {
    expect(timeFlag("eta")("2030-01-02T03:04:05Z")).toEqual(new Date(Date.UTC(2030, 0, 2, 3, 4, 5)));
    for (const text of ["tomorrow", "01/02/2030", "2030-99-99T00:00:00Z"])
      expect(() => timeFlag("eta")(text)).toThrow(UsageError);
  });
});

describe("headersFlag", () => {
  it("reads pairs, of which values may hold further equal signs", () => {
    expect(headersFlag("header")(["a=1", "b=c=d", "e="])).toEqual({ a: "1", b: "c=d", e: "" });
  });

  it("refuses what is no pair, without showing it", () => {
    expect(() => headersFlag("header")("secret")).toThrow("--header must be key=value, and one of them has no =");
    expect(() => headersFlag("header")("=secret")).toThrow("one of them has no key");
  });
});
