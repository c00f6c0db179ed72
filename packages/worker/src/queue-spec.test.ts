import { describe, expect, it } from "@jest/globals";
import { parseQueueSpec, resolveQueues } from "./queue-spec.js";

describe("queue spec", () => {
  it("is a name, or a name with a number", () => {
    expect(parseQueueSpec("emails")).toEqual({ name: "emails" });
    expect(parseQueueSpec(" emails = 16 ")).toEqual({ name: "emails", concurrency: 16 });
  });

  it.each(["", "=3", "a=", "a=0", "a=-1", "a=1.5", "a=x", "a=1=2", "a b", "a=99999", "{a}"])("is not %p", (text) => {
    expect(parseQueueSpec(text)).toBeUndefined();
  });
});

describe("queues of a worker", () => {
  it("have their own number, or the worker's to themselves", () => {
    expect(resolveQueues(["high=16", "low", { name: "mid" }, { name: "top", concurrency: 2 }], 32)).toEqual([
      { name: "high", concurrency: 16 },
      { name: "low", concurrency: 32 },
      { name: "mid", concurrency: 32 },
      { name: "top", concurrency: 2 },
    ]);
  });

  it("are named once", () => {
    expect(() => resolveQueues(["a", "b", { name: "a" }], 1)).toThrow('"a" is named twice');
  });

  it("have names that every broker takes", () => {
    expect(() => resolveQueues([{ name: "a:b" }], 1)).toThrow('"a:b" is not a queue name');
    expect(() => resolveQueues(["a:b"], 1)).toThrow('"a:b" is not a queue name');
  });
});
