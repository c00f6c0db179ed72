import { readFile } from "node:fs/promises";
import { describe, expect, it } from "@jest/globals";

class OwnError extends Error {}

const missingFile = () => readFile("/no/such/file").catch((error: unknown) => error);

describe("the jest preset", () => {
  it("lets errors of Node itself be errors in tests too", async () => {
    expect((await missingFile()) instanceof Error).toBe(true);
    expect(new Error("inside") instanceof Error).toBe(true);
    expect({} instanceof Error).toBe(false);
  });

  it("keeps an error of Node itself apart from a class of our own", async () => {
    expect((await missingFile()) instanceof OwnError).toBe(false);
    expect(new OwnError() instanceof OwnError).toBe(true);
    expect(new Error("inside") instanceof OwnError).toBe(false);
  });
});
