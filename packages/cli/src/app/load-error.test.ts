import { describe, expect, it } from "@jest/globals";
import { describeLoadError } from "./load-error.js";

function withStack<T extends Error>(error: T, lines: readonly string[]): T {
  error.stack = [...lines].join("\n");
  return error;
}

describe("describeLoadError", () => {
  it("names the innermost place that belongs to the app", () => {
    const error = withStack(new TypeError("wrong"), [
      "TypeError: wrong",
      "    at check (node:internal/x:1:2)",
      "    at parse (file:///app/node_modules/lib/a.js:3:4)",
      "    at load (file:///app/src/db.ts:5:6)",
      "    at file:///app/tasks.ts:7:8",
    ]);
    expect(describeLoadError(error, true)).toBe("TypeError: wrong (/app/src/db.ts:5:6)");
  });

  it("understands the stacks of CommonJS and of syntax errors", () => {
    const inCommonjs = withStack(new Error("x"), ["Error: x", "    at Object.<anonymous> (/app/tasks.cjs:1:7)"]);
    expect(describeLoadError(inCommonjs, false)).toBe("Error: x (/app/tasks.cjs:1:7)");
    const syntax = withStack(new SyntaxError("Unexpected token"), ["/app/tasks.cjs:2", "const = 2;", "SyntaxError: x"]);
    expect(describeLoadError(syntax, false)).toBe("SyntaxError: Unexpected token (/app/tasks.cjs:2)");
  });

  it("says what TypeScript may need when something in it is no syntax", () => {
    const error = withStack(new SyntaxError("Invalid or unexpected token"), [
      "SyntaxError: x",
      "    at node:internal/x:1:2",
    ]);
    expect(describeLoadError(error, true)).toMatch(
      /^SyntaxError: Invalid or unexpected token; TypeScript with decorators/,
    );
  });

  it("takes whatever was thrown", () => {
    expect(describeLoadError("s3cret", false)).toBe("a value that is no Error (string)");
    expect(describeLoadError(withStack(new Error("x"), []), false)).toBe("Error: x");
  });
});
