import { describe, expect, it } from "@jest/globals";
import { project } from "../../test/projects.js";
import { readEnvironment } from "./environment.js";

describe("environment", () => {
  it("reads .env of a directory without touching the process's environment", () => {
    const { path, remove } = project({ ".env": '# broker\nCHICORY_TEST_ONLY="a b"\nexport CHICORY_TEST_OTHER=2\n' });
    const { dotenv } = readEnvironment(path);
    remove();
    expect(dotenv).toMatchObject({ CHICORY_TEST_ONLY: "a b" });
    expect(process.env.CHICORY_TEST_ONLY).toBeUndefined();
  });

  it("is content without a .env", () => {
    const { path, remove } = project({});
    expect(readEnvironment(path).dotenv).toEqual({});
    remove();
  });

  it("says which .env cannot be read", () => {
    const { path, remove } = project({ ".env/oops": "a folder of that name" });
    expect(() => readEnvironment(path)).toThrow(`The file ${path}/.env cannot be read`);
    remove();
  });
});
