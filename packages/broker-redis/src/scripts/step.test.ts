import { describe, expect, it } from "@jest/globals";
import { KeyBuilder } from "../keys.js";
import { runStep } from "./step.js";

const keys = new KeyBuilder("chicory").queue("q");
const request = { keys, consumer: "c", fetch: 2, used: "", levels: "0", marker: "", settlements: [0] };

/** What a step makes of a server's answer. */
const answered = (reply: unknown[]) => runStep({ command: () => Promise.resolve(reply) }, request);

describe("the answer to a step", () => {
  it("is emptied once it was read, and what it brought is not", async () => {
    const single = [Buffer.from("1-0"), Buffer.from("one"), Buffer.from("2-0"), [Buffer.from("f"), Buffer.from("v")]];
    const reply = [-1, Buffer.from(""), [1, Buffer.from("no")], single];
    const result = await answered(reply);
    expect([...reply, ...single]).toEqual(Array(8).fill(undefined));
    expect(result).toEqual({
      kind: "done",
      nextDueMs: -1,
      readError: "",
      problems: [{ index: 0, text: "no" }],
      entries: [
        { priority: 0, id: "1-0", content: Buffer.from("one") },
        { priority: 0, id: "2-0", content: [Buffer.from("f"), Buffer.from("v")] },
      ],
    });
  });
});
