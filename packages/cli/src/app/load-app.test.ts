import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { Project } from "../../test/project.js";

// Every command is a process, and a loaded machine starts them slowly.
jest.setTimeout(180_000);

/** The loader runs in Node itself, with its module hooks: the command is the way to see what it does. */
let project: Project;

const APP = 'import { Chicory } from "@chicory/core";\nexport const app = new Chicory();\n';

beforeAll(async () => {
  // The project itself depends on no broker: where an app's own package.json does, it must have been found.
  const manifest = { type: "module", dependencies: {} };
  project = await Project.create({}, ["core", "broker-memory", "worker", "cli"], manifest);
});
afterAll(() => project.remove());

async function taskNames(reference: string): Promise<readonly string[]> {
  const { code, stdout, stderr } = await project.run(["tasks", reference, "--json"]);
  if (code !== 0) throw new Error(stderr);
  const { tasks } = JSON.parse(stdout) as { tasks: { name: string }[] };
  return tasks.map(({ name }) => name);
}

async function refusal(reference: string): Promise<{ code: number | null; text: string }> {
  const { code, stdout, stderr } = await project.run(["tasks", reference]);
  expect(stdout).toBe("");
  expect(stderr).not.toMatch(/^\s+at /m);
  return { code, text: stderr };
}

describe("an app module", () => {
  it("may be TypeScript with imports as NodeNext writes them, enums and top-level await", async () => {
    await project.write({
      "ts/tasks.ts": `${APP}
        import { Queue, type Options } from "./lib/queues.js";
        const options: Options = { queue: await Promise.resolve(Queue.EMAILS) };
        app.task("mail", options, async (): Promise<void> => undefined);
        export const here: string = import.meta.url;`,
      "ts/lib/queues.ts": 'export enum Queue { EMAILS = "emails" }\nexport interface Options { queue: Queue }\n',
    });
    expect(await taskNames("ts/tasks:app")).toEqual(["mail"]);
  });

  it("may be TypeScript in a project whose package.json says commonjs, with the one copy of core", async () => {
    await project.write({
      "cjs/package.json": "{}",
      "cjs/tasks.ts": `import { Chicory } from "@chicory/core";
        import { join } from "node:path";
        import { name } from "./lib/name";
        export const app: Chicory = new Chicory();
        const same = app instanceof (await import("@chicory/core")).Chicory;
        app.task(name + "-" + String(same) + "-" + String(join(__dirname, "a").endsWith("cjs/a")), async () => 1);`,
      "cjs/lib/name.ts": 'export const name: string = "named";\n',
    });
    expect(await taskNames("cjs/tasks:app")).toEqual(["named-true-true"]);
  });

  it("may be CommonJS TypeScript", async () => {
    await project.write({
      "cts/tasks.cts":
        'import core = require("@chicory/core");\nconst app: core.Chicory = new core.Chicory();\napp.task("cts", async () => 1);\nexport = { app };\n',
    });
    expect(await taskNames("cts/tasks:app")).toEqual(["cts"]);
  });

  it.each([
    ["tasks.mts", `${APP}app.task("a", async (x: number) => x);`],
    ["tasks.js", `${APP}app.task("a", async () => 1);`],
    ["tasks.mjs", `${APP}app.task("a", async () => 1);`],
    [
      "tasks.cjs",
      'const { Chicory } = require("@chicory/core");\nconst app = new Chicory();\napp.task("a", async () => 1);\nmodule.exports = { app };',
    ],
  ])("may be %s, named with and without its extension", async (file, content) => {
    const folder = file.replace(".", "-");
    await project.write({ [`${folder}/${file}`]: content });
    expect(await taskNames(`./${folder}/${file}:app`)).toEqual(["a"]);
    expect(await taskNames(`${folder}/tasks:app`)).toEqual(["a"]);
  });

  it("may be a directory with an index", async () => {
    await project.write({ "dir/index.ts": `${APP}app.task("indexed", async () => 1);` });
    expect(await taskNames("dir:app")).toEqual(["indexed"]);
  });

  it("may export its app by default, or as module.exports", async () => {
    await project.write({
      "default.ts": `${APP.replace("export ", "")}app.task("by-default", async () => 1);\nexport default app;`,
      "exports.cjs":
        'const { Chicory } = require("@chicory/core");\nconst app = new Chicory();\napp.task("by-exports", async () => 1);\nmodule.exports = app;',
    });
    expect(await taskNames("default")).toEqual(["by-default"]);
    expect(await taskNames("exports")).toEqual(["by-exports"]);
  });

  it.each([
    ["TypeScript", "tasks.ts", APP],
    ["an ES module", "tasks.mjs", APP],
    ["CommonJS", "tasks.cjs", 'const { Chicory } = require("@chicory/core");\nexports.app = new Chicory();'],
    ["CommonJS TypeScript", "tasks.cts", 'import core = require("@chicory/core");\nexport = new core.Chicory();'],
  ])("may be %s that takes its broker from the package.json nearest to it", async (_, file, content) => {
    const folder = `near-${file.replace(".", "-")}`;
    await project.write({
      [`${folder}/package.json`]: '{"dependencies":{"@chicory/broker-memory":"*"}}',
      [`${folder}/${file}`]: content,
    });
    const { stdout, stderr } = await project.run(["config", `${folder}/tasks`, "--json"]);
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toMatchObject({ broker: "memory" });
  });

  it("may be a package, also one that only import can see", async () => {
    await project.write({
      "node_modules/@acme/jobs/package.json":
        '{"name":"@acme/jobs","type":"module","exports":{".":{"import":"./main.js"},"./more":{"import":"./more.js"}}}',
      "node_modules/@acme/jobs/main.js": `${APP}app.task("packaged", async () => 1);`,
      "node_modules/@acme/jobs/more.js": `${APP}app.task("more", async () => 1);`,
    });
    expect(await taskNames("@acme/jobs:app")).toEqual(["packaged"]);
    expect(await taskNames("@acme/jobs/more")).toEqual(["more"]);
  });
});

describe("an app module that cannot be used", () => {
  it("is reported with what was tried if it does not exist", async () => {
    const { code, text } = await refusal("nowhere:app");
    expect(code).toBe(2);
    expect(text).toMatch(
      /No module "nowhere" was found\. Tried .*nowhere\.ts, .*nowhere\/index\.ts, and the package "nowhere"/,
    );
  });

  it("is reported with its exports if the one that was named is missing", async () => {
    await project.write({ "others.ts": "export const queue = 1, mail = 2;" });
    const { code, text } = await refusal("others:app");
    expect(code).toBe(2);
    expect(text).toContain('The module "others" has no export "app": it exports mail, queue');
  });

  it("is reported if its export is no app", async () => {
    await project.write({ "no-app.ts": "export const app = () => 1;" });
    const { code, text } = await refusal("no-app:app");
    expect(code).toBe(2);
    expect(text).toContain('The export "app" of the module "no-app" is no Chicory app but a function');
  });

  it("is reported with its own words if it throws", async () => {
    await project.write({ "throws.ts": 'throw new TypeError("no database at postgres://me:pa55@db/x");' });
    const { code, text } = await refusal("throws:app");
    expect(code).toBe(1);
    expect(text).toMatch(
      /^throws\.ts throws while it is loaded: TypeError: no database at postgres:\/\/\[redacted\]@db\/x \(.*throws\.ts:1:7\)\n$/,
    );
  });

  it("shows the stack at level debug", async () => {
    await project.write({ "traced.ts": '\nthrow new TypeError("wrong");' });
    const { stderr } = await project.run(["tasks", "traced:app", "--log-level", "debug"]);
    expect(stderr).toMatch(/^\s+at .*traced\.ts:2:7/m);
  });

  it("is reported with the place of what is no TypeScript", async () => {
    await project.write({ "syntax.ts": "export const a = 1;\nconst = 2;\n" });
    const { code, text } = await refusal("syntax:app");
    expect(code).toBe(1);
    expect(text).toMatch(/syntax\.ts throws while it is loaded: SyntaxError: .*syntax\.ts.*\(2:7\)/);
  });

  it("is reported with what helps if it has decorators", async () => {
    await project.write({ "decorated.ts": `${APP}function mark(_: unknown) {}\n@mark class A {}` });
    const { code, text } = await refusal("decorated:app");
    expect(code).toBe(1);
    expect(text).toMatch(
      /^decorated\.ts throws .*SyntaxError: .*; TypeScript with decorators or namespaces needs a build/,
    );
  });

  it("is reported as config if Chicory refuses what it says", async () => {
    await project.write({ "config.ts": `${APP}app.task("a b", async () => 1);` });
    const { code, text } = await refusal("config:app");
    expect(code).toBe(2);
    expect(text).toMatch(/^"a b" is not a task name/);
  });

  it("is reported with the package that it misses", async () => {
    await project.write({ "missing.ts": 'import "@acme/missing";' });
    const { code, text } = await refusal("missing:app");
    expect(code).toBe(1);
    expect(text).toContain("Cannot find package '@acme/missing' imported from");
  });
});
