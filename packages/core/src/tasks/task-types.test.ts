import { describe, expect, it } from "@jest/globals";
import * as v from "valibot";
import { Chicory } from "../app/chicory.js";
import type { Sent, Task } from "./task.js";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles only if the two types are the same; the compiler is the test, and `npm run check` runs it. */
function expectSame<A, B>(same: Equal<A, B>): void {
  expect(same).toBe(true);
}

/** Compiled and never called: what is inside is about types. */
function compileOnly(code: () => unknown): void {
  expect(code).toBeInstanceOf(Function);
}

describe("types of tasks", () => {
  const app = new Chicory();

  it("takes the input's type from a handler without a schema", () => {
    const add = app.task("types.add", async ({ a, b }: { a: number; b: number }) => a + b);
    expectSame<typeof add, Task<{ a: number; b: number }, number>>(true);
    compileOnly(async () => {
      const sent: Sent = await add.send({ a: 1, b: 2 });
      // @ts-expect-error a property is missing
      await add.send({ a: 1 });
      // @ts-expect-error the input is missing
      await add.send();
      // @ts-expect-error not a number
      await add.sendMany([{ a: 1, b: "2" }]);
      return sent;
    });
  });

  it("sends a schema's input and hands its output to the handler", () => {
    const schema = v.object({
      at: v.pipe(
        v.string(),
        v.isoTimestamp(),
        v.transform((text) => new Date(text)),
      ),
    });
    const plan = app.task("types.plan", { input: schema, queue: "plans" }, async ({ at }, ctx) => {
      expectSame<typeof at, Date>(true);
      expectSame<typeof ctx.attempt, number>(true);
    });
    compileOnly(async () => {
      await plan.send({ at: "2030-01-01T00:00:00Z" });
      // @ts-expect-error the sender passes what the schema takes in, not what it gives out
      await plan.send({ at: new Date() });
    });
  });

  it("lets the input be left out where the task takes none", () => {
    const ping = app.task("types.ping", async () => "pong");
    compileOnly(async () => {
      await ping.send();
      await ping.send(undefined, { delayMs: 10 });
      // @ts-expect-error there is no input
      await ping.send(5);
    });
  });

  it("refuses input types that would not arrive as what they were", () => {
    const at = app.task("types.at", async (_: { when: Date }) => undefined);
    const count = app.task("types.count", async (_: { tags: Map<string, number> }) => undefined);
    compileOnly(async () => {
      // @ts-expect-error a Date arrives as a string
      await at.send({ when: new Date() });
      // @ts-expect-error a Map arrives as an empty object
      await count.send({ tags: new Map() });
    });
  });

  it("accepts interfaces, unions, arrays and optional properties", () => {
    interface Order {
      readonly id: string;
      readonly lines: readonly { sku: string; amount?: number }[];
      readonly state: "new" | "paid";
      readonly note: string | null;
    }
    const place = app.task("types.place", async (_: Order) => undefined);
    compileOnly(async () => {
      const order: Order = { id: "1", lines: [{ sku: "a" }], state: "new", note: null };
      await place.send(order);
    });
  });

  it("keeps options and handler in step", () => {
    compileOnly(() => {
      // @ts-expect-error the schema gives a string
      app.task("types.wrong", { input: v.string() }, async (input: number) => input);
      // @ts-expect-error no such option
      app.task("types.typo", { que: "x" }, async () => undefined);
    });
  });
});
