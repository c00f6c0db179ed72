import { beforeAll, describe, expect, it } from "@jest/globals";
import { run } from "../command.js";
import { packedPackages } from "../packed-packages.js";
import { root } from "./snippets.js";

describe("docs/configuration.md", () => {
  beforeAll(async () => {
    // The script reads the built packages, which packing brings up to date.
    await packedPackages();
  }, 600_000);

  it("says what the schemas say", async () => {
    const { code, stderr } = await run(process.execPath, ["scripts/docs.mjs", "--check"], { cwd: root });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });
});
