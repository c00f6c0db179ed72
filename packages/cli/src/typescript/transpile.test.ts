import { describe, expect, it } from "@jest/globals";
import { transpileModule, transpileScript } from "./transpile.js";

const asModule = (source: string, path = "tasks.ts") => transpileModule(source, path, { commonjsScope: false });
const inCommonjs = (source: string) => transpileModule(source, "tasks.ts", { commonjsScope: true });

describe("transpileModule", () => {
  it("removes types and keeps every line where it was", () => {
    const source = "interface A {\n  b: string;\n}\n\nexport const a = (b: A): string => b.b;\n";
    const code = asModule(source);
    expect(code.split("\n")[4]).toMatch(/^export const a = \(b\)\s*=> b\.b;$/);
  });

  it("turns enums and parameter properties into code", () => {
    const code = asModule("enum Color { RED = 1 }\nclass A { constructor(readonly b: number) {} }");
    expect(new Function(`${code}; return [Color.RED, new A(2).b]`)()).toEqual([1, 2]);
  });

  it("drops imports that only types use", () => {
    const code = asModule('import { type A, B, c } from "./a.js";\nexport const b: B = c as A;');
    expect(code).toContain("c");
    expect(code).not.toMatch(/import \{[^}]*\b[AB]\b/);
  });

  it.each([
    ["satisfies", "export const a = { b: 1 } satisfies Record<string, number>;"],
    ["const type parameters", "export function a<const T>(b: T): T { return b; }"],
    ["generic arrows", "export const a = <T,>(b: T): T => b;"],
    ["overloads", "export function a(b: string): void; export function a(b: unknown): void { void b; }"],
    ["non-null and definite assertions", "class A { b!: string } export const c = new A().b!.length;"],
    ["abstract classes", "export abstract class A { abstract b(): void; protected c?: number }"],
    ["type predicates", 'export function a(b: unknown): b is string { return typeof b === "string"; }'],
    ["import attributes", 'import a from "./a.json" with { type: "json" };\nexport const b = a;'],
    ["top-level await", "export const a: number = await Promise.resolve(1);"],
    ["export of types", 'export type { A } from "./a.js";\nexport type B = string;\nexport const c = 1;'],
    ["declarations", "declare global { interface A {} }\ndeclare const a: string;\nexport const b = typeof a;"],
  ])("understands %s", (_, source) => {
    expect(asModule(source)).not.toMatch(/satisfies|interface|: number|: string|unknown|<const|abstract|!/);
  });

  it("compiles JSX in a .tsx file", () => {
    expect(asModule("export const a = <b>c</b>;", "mail.tsx")).toContain("react/jsx-runtime");
  });

  it("names file and place of what is no TypeScript", () => {
    expect(() => asModule("const = ;", "/app/tasks.ts")).toThrow(/^\/app\/tasks\.ts: .*\(1:\d+\)/);
  });

  it("gives a file of a CommonJS project the names that it uses", () => {
    const code = inCommonjs('import { join } from "node:path";\nexport const a = join(__dirname, "a");');
    expect(code).toMatch(/^import .*const __dirname = import\.meta\.dirname;/);
    expect(code.split("\n")).toHaveLength(2);
  });

  it("leaves alone a file that declares those names itself", () => {
    const source = "const __dirname = import.meta.dirname;\nexport const a = __dirname + config.require;";
    expect(inCommonjs(source)).toBe(source);
  });
});

describe("transpileScript", () => {
  it("turns TypeScript's own import and export into require and module.exports", () => {
    const code = transpileScript('import a = require("a");\nconst b: string = a;\nexport = b;', "tasks.cts");
    expect(code).toContain('require("a")');
    expect(code).toContain("module.exports = b");
  });
});
