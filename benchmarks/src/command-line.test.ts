import { describe, expect, it } from "@jest/globals";
import { parseCommandLine } from "./command-line.js";

const names = (...args: string[]) => parseCommandLine(args).suites.map(({ name }) => name);

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
