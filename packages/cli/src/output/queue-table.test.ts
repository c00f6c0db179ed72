import { describe, expect, it } from "@jest/globals";
import { painter } from "./color.js";
import { queueTable } from "./queue-table.js";

const plain = painter(false);

describe("the table of queues", () => {
  it("shows every count", () => {
    const text = queueTable([{ queue: "a", ready: 1, delayed: 0, inFlight: 2, deadLetters: 3 }], plain);
    expect(text.split("\n")[1]?.split(/\s+/)).toEqual(["a", "1", "0", "2", "3"]);
  });

  it("shows ? for a count that the broker cannot tell, rather than none", () => {
    const text = queueTable([{ queue: "a", ready: 1, delayed: undefined, inFlight: undefined, deadLetters: 0 }], plain);
    expect(text.split("\n")[1]?.split(/\s+/)).toEqual(["a", "1", "?", "?", "0"]);
  });

  it("says that there are none", () => {
    expect(queueTable([], plain)).toBe("There are no queues.\n");
  });
});
