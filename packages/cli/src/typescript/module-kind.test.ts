import { describe, expect, it } from "@jest/globals";
import { moduleKind } from "./module-kind.js";

describe("moduleKind", () => {
  it.each([
    ["an import", "tasks.ts", 'import { a } from "a";'],
    ["an import for its effects", "tasks.ts", 'import "./a.js";'],
    ["an import of types", "tasks.ts", 'import type { A } from "a";'],
    ["an export", "tasks.ts", "const a = 1;\nexport const b: number = a;"],
    ["a list of exports", "tasks.ts", "export { a };"],
    ["imports spread over lines", "tasks.ts", 'import {\n  a,\n} from "a";'],
    ["an import in a .cts file", "tasks.cts", 'import { a } from "./a.cjs";'],
    ["nothing that tells", "tasks.ts", "console.log(1);"],
    ["the extension .mts", "tasks.mts", "module.exports = 1;"],
  ])("takes %s for an ES module", (_, path, source) => {
    expect(moduleKind(path, source)).toBe("module");
  });

  it.each([
    ["module.exports", "tasks.ts", 'const a = require("a");\nmodule.exports = { a };'],
    ["export =", "tasks.ts", 'import { a } from "a";\nexport = a;'],
    ["import x = require()", "tasks.cts", 'import path = require("node:path");\nmodule.exports = path;'],
    ["exports.x", "tasks.ts", "exports.app = 1;"],
    ["nothing but the extension .cts", "tasks.cts", "console.log(1);"],
    ["a dynamic import only", "tasks.cts", 'const a = import("a");'],
  ])("takes %s for CommonJS", (_, path, source) => {
    expect(moduleKind(path, source)).toBe("commonjs");
  });
});
