import { Readable } from "node:stream";
import { describe, expect, it } from "@jest/globals";
import type { Surroundings } from "../output/terminal.js";
import { readTaskInput } from "./task-input.js";

const around = (stdin = "") => ({ stdin: Readable.from([stdin]), directory: "/" }) as unknown as Surroundings;
const input = (text: string) => readTaskInput({ input: text, inputFile: undefined }, around());

describe("readTaskInput", () => {
  it("reads JSON of every kind", async () => {
    expect(await input('{"a":[1,null]}')).toEqual({ a: [1, null] });
    expect(await input('"text"')).toBe("text");
    expect(await input("null")).toBeNull();
  });

  it("is undefined when no input was given", async () => {
    expect(await readTaskInput({ input: undefined, inputFile: undefined }, around())).toBeUndefined();
  });

  it("reads stdin", async () => {
    expect(await readTaskInput({ input: undefined, inputFile: "-" }, around("[1]"))).toEqual([1]);
  });

  it("says where JSON breaks off, never what stands there", async () => {
    await expect(input('{"a":s3cret}')).rejects.toThrow(/^--input is no JSON(?: at character 6)?: text needs/);
    await expect(input('{"a":s3cret}')).rejects.not.toThrow(/s3cret/);
    await expect(readTaskInput({ input: undefined, inputFile: "-" }, around(" "))).rejects.toThrow(/^stdin is empty/);
  });
});
