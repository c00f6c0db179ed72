import { Chicory } from "@chicory/core";
import { describe, expect, it } from "@jest/globals";
import { pickApp } from "./pick-app.js";

const app = new Chicory({ broker: "memory" });
const other = new Chicory({ broker: "memory" });
const pick = (exported: object, exportName?: string) => pickApp(exported, { module: "tasks", exportName });

describe("pickApp", () => {
  it("takes the export that was named", () => {
    expect(pick({ app, queue: other }, "queue")).toBe(other);
  });

  it("takes the export app when none was named", () => {
    expect(pick({ app, default: other })).toBe(app);
  });

  it("takes the default export when there is no export app", () => {
    expect(pick({ add: 1, default: app })).toBe(app);
  });

  it.each([
    ["module.exports = app", { default: app }],
    ["module.exports = { app }", { default: { app } }],
    ["exports.default = app, compiled", { default: { __esModule: true, default: app } }],
    ["exports.app = app, compiled", { __esModule: true, default: { __esModule: true, app } }],
    ["export default { app }", { default: { app } }],
  ])("understands %s", (_, exported) => {
    expect(pick(exported)).toBe(app);
  });

  it("finds a named export of a CommonJS module", () => {
    expect(pick({ default: { queue: app } }, "queue")).toBe(app);
    expect(pick({ default: { __esModule: true, default: app } }, "default")).toBe(app);
  });

  it("lists what a module exports when the named export is missing", () => {
    expect(() => pick({ add: 1, mail: 2 }, "app")).toThrow(
      'The module "tasks" has no export "app": it exports add, mail, and none of them is made by new Chicory()',
    );
  });

  it("names the export that would do", () => {
    expect(() => pick({ add: 1, queue: app }, "app")).toThrow('has no export "app": write tasks:queue');
    expect(() => pick({ add: 1, queue: app })).toThrow(/no Chicory app as "app" or by default: write tasks:queue/);
  });

  it("says what an export is that is no app", () => {
    const task = app.task("add", async () => 1);
    expect(() => pick({ app: task }, "app")).toThrow(
      /The export "app" of the module "tasks" is no Chicory app but an instance of Task/,
    );
    expect(() => pick({ app: () => app }, "app")).toThrow(/no Chicory app but a function/);
    expect(() => pick({ app: undefined }, "app")).toThrow(/no Chicory app but undefined/);
  });

  it("says so when a module exports nothing", () => {
    expect(() => pick({})).toThrow(/it exports nothing/);
  });

  it("recognizes an app of another copy of core by its shape", () => {
    const copy = Object.create(
      null,
      Object.getOwnPropertyDescriptors({
        task: () => undefined,
        connect: () => undefined,
        close: () => undefined,
        describeConfig: () => undefined,
        tasks: { get: () => undefined, all: () => [], queues: () => [] },
        broker: { driver: () => undefined, publish: () => undefined, deadLetters: () => undefined },
      }),
    ) as object;
    expect(pick({ app: copy })).toBe(copy);
  });
});
