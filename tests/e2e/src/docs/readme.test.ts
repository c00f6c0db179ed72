import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "@jest/globals";
import { run } from "../command.js";
import { useSystem } from "../system/fixture.js";
import { root, type Snippet, snippets } from "./snippets.js";

/** Pages with programs; those of one page are files of one project. */
const PAGES = ["README.md", "docs/testing.md"];

const COMPILER_OPTIONS = {
  target: "ES2022",
  lib: ["ES2023"],
  module: "NodeNext",
  strict: true,
  skipLibCheck: true,
  noEmit: true,
  types: ["node"],
  typeRoots: [join(root, "node_modules/@types")],
};

describe("the documentation", () => {
  const system = useSystem();
  let readme: readonly Snippet[];

  beforeAll(async () => {
    readme = await snippets("README.md");
    await system.write(Object.fromEntries(readme.map(({ file, code }) => [file, code])));
  });

  it.each(PAGES)("has programs in %s that the compiler accepts, with the packages that users install", async (page) => {
    const programs = await snippets(page);
    expect(programs.length).toBeGreaterThan(0);
    const folder = page.replaceAll(/\W/g, "-");
    await system.write({
      ...Object.fromEntries(programs.map(({ file, code }) => [`${folder}/${file}`, code])),
      [`${folder}/tsconfig.json`]: { compilerOptions: COMPILER_OPTIONS, include: ["*.ts"] },
    });
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    const { code, stdout } = await run(process.execPath, [tsc, "-p", folder], { cwd: system.folder });
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
  });

  it("has a quickstart that works as it is written", async () => {
    const worker = system.startProgram("npx", ["chicory", "worker", "tasks:app"]);
    const text = await readFile(join(root, "README.md"), "utf8");
    const input = /npx chicory send tasks:app add --input '(.*)'/.exec(text)?.[1] ?? "";
    expect(await system.chicory("send", "tasks:app", "add", "--input", input)).toMatchObject({ code: 0, stderr: "" });
    expect(await system.node("send.ts")).toMatchObject({ code: 0, stderr: "" });
    await worker.writes(/^1 \+ 2 = 3$/m);
    await worker.writes(/^sending "Welcome" to ada@example.com, attempt 1$/m);
  });

  it("has a worker in code that works as it is written", async () => {
    const worker = system.startProgram(process.execPath, ["--import", system.tsx, "worker.ts"]);
    await system.node("send.ts");
    await worker.writes(/^sending "Welcome"/m);
    worker.signal("SIGTERM");
    expect(await worker.ended()).toMatchObject({ code: 0, signal: null, stderr: "" });
  });

  it.each(["tasks.test.ts", "orders.test.ts", "with-a-worker.ts"])("has a program %s that runs", async (file) => {
    const pages = await Promise.all(PAGES.map(snippets));
    await system.write(Object.fromEntries(pages.flat().map((snippet) => [snippet.file, snippet.code])));
    const { code, stdout, stderr } = await system.node(file);
    expect({ code, stderr, stdout }).toMatchObject({ code: 0, stderr: "" });
    expect(stdout).not.toMatch(/^not ok/m);
  });

  it("names commands and flags that exist", async () => {
    const text = await readFile(join(root, "README.md"), "utf8");
    const commands = [...text.matchAll(/npx chicory ((?:dlq )?\w+)/g)].map(([, name = ""]) => name);
    expect(commands.length).toBeGreaterThan(5);
    for (const name of new Set(commands)) {
      const { code, stdout } = await system.chicory(...name.split(" "), "--help");
      expect({ name, code }).toEqual({ name, code: 0 });
      for (const [line] of text.matchAll(new RegExp(`npx chicory ${name}.*`, "g"))) {
        for (const [, flag = ""] of line.matchAll(/(--[a-z-]+)/g)) expect(stdout).toContain(flag);
      }
    }
  });
});
