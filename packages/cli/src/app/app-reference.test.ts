import { describe, expect, it } from "@jest/globals";
import { UsageError } from "../errors/command-error.js";
import { parseAppReference } from "./app-reference.js";

describe("parseAppReference", () => {
  it.each([
    ["tasks:app", "tasks", "app"],
    ["tasks", "tasks", undefined],
    ["./src/tasks.ts:queue", "./src/tasks.ts", "queue"],
    ["@acme/tasks:app", "@acme/tasks", "app"],
    ["dir:with:colons:app", "dir:with:colons", "app"],
    ["C:\\app\\tasks:app", "C:\\app\\tasks", "app"],
    ["C:\\app\\tasks", "C:\\app\\tasks", undefined],
  ])("reads %s", (text, module, exportName) => {
    expect(parseAppReference(text)).toEqual({ module, exportName });
  });

  it.each(["", ":app", "tasks:", " :app"])("refuses %j", (text) => {
    expect(() => parseAppReference(text)).toThrow(UsageError);
  });
});
