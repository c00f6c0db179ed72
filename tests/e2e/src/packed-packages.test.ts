import { existsSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { packedPackages } from "./packed-packages.js";

describe("packedPackages", () => {
  it("packs every public package, once for all who ask", async () => {
    const [first, second] = await Promise.all([packedPackages(), packedPackages()]);
    expect(second).toEqual(first);
    const names = first.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["@chicory/core", "@chicory/worker", "@chicory/cli"]));
    expect(first.every(({ tarball }) => existsSync(tarball))).toBe(true);
    expect(names).not.toContain("@chicory/test-servers");
  }, 300_000);
});
