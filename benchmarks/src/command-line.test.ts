import { describe, expect, it } from "@jest/globals";
import { parseCommandLine } from "./command-line.js";

const names = (...args: string[]) => parseCommandLine(args).suites.map(({ name }) => name);
const workloads = (...args: string[]) =>
  parseCommandLine(args).suites.flatMap((suite) => suite.workloads.map(({ name }) => name));

describe("parseCommandLine", () => {
  it("runs every suite if none is named", () => {
    expect(names()).toEqual(["redis", "rabbitmq", "memory"]);
  });

  it("runs the suites that are named", () => {
    expect(names("memory", "--quick")).toEqual(["memory"]);
  });

  it("starts no server for workloads that were not asked for", () => {
    expect(names("--only", "embedded-drain")).toEqual(["memory"]);
  });

  it("runs the workloads that are named, and no others", () => {
    expect(workloads("--only", "drain,embedded-drain")).toEqual(["drain", "embedded-drain"]);
  });

  it("leaves out of a quick run what is for a full one, unless it is named", () => {
    expect(workloads()).toContain("send-one-by-one");
    expect(workloads("--quick")).not.toContain("send-one-by-one");
    expect(workloads("--quick", "--only", "send-one-by-one")).toEqual(["send-one-by-one"]);
  });

  it("takes a number of rounds", () => {
    expect(parseCommandLine(["--rounds", "3"]).rounds).toBe(3);
    expect(() => parseCommandLine(["--rounds", "0"])).toThrow('"0"');
    expect(() => parseCommandLine(["--rounds", "many"])).toThrow('"many"');
  });

  it("refuses a suite that does not exist", () => {
    expect(() => parseCommandLine(["redid"])).toThrow('no suite "redid"');
  });

  it("refuses a workload that is not in the chosen suites", () => {
    expect(() => parseCommandLine(["redis", "--only", "drain,embedded-drain"])).toThrow('"embedded-drain"');
  });

  it("refuses an option that does not exist", () => {
    expect(() => parseCommandLine(["--quik"])).toThrow();
  });
});
