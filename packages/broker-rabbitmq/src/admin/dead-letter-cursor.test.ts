import { describe, expect, it } from "@jest/globals";
import type { StoredMessage } from "../messages/stored-message.js";
import { decodeCursor, encodeCursor, PageCollector } from "./dead-letter-cursor.js";

/** A letter of this worker's clock; its id is made of its number. */
function letter(index: number, at = 1_000 + index): StoredMessage {
  return {
    messageId: index.toString(16).padStart(8, "0"),
    headers: { "chicory-letter": "{}", "chicory-buried-at": at },
    body: Buffer.alloc(0),
  };
}

const numbersOf = (letters: readonly StoredMessage[]) =>
  letters.map(({ messageId }) => Number.parseInt(messageId ?? "", 16));

function pageOf(stored: readonly StoredMessage[], limit: number, after?: string) {
  const page = new PageCollector(after === undefined ? undefined : decodeCursor(after), limit);
  for (const message of stored) if (!page.add(message)) break;
  return page;
}

function cursorAfter(stored: readonly StoredMessage[], limit: number, after?: string): string {
  return encodeCursor(pageOf(stored, limit, after).letters);
}

describe("pages of dead letters", () => {
  const stored = Array.from({ length: 25 }, (_, index) => letter(index));

  it("follow one another without a gap", () => {
    const first = pageOf(stored, 10);
    const second = pageOf(stored, 10, encodeCursor(first.letters));
    const third = pageOf(stored, 10, encodeCursor(second.letters));
    expect(numbersOf([...first.letters, ...second.letters, ...third.letters])).toEqual(numbersOf(stored));
    expect([first.more, second.more, third.more]).toEqual([true, true, false]);
  });

  it("go on where the last one ended although some of it is gone", () => {
    const after = cursorAfter(stored, 10);
    const left = stored.filter((_, index) => index < 3 || index === 8 || index > 9);
    expect(numbersOf(pageOf(left, 10, after).letters)).toEqual(numbersOf(stored.slice(10, 20)));
  });

  it("go on where the last one ended although all of it is gone", () => {
    const after = cursorAfter(stored, 10);
    expect(numbersOf(pageOf(stored.slice(10), 10, after).letters)).toEqual(numbersOf(stored.slice(10, 20)));
  });

  it("do not begin before the last one where letters are of the same time", () => {
    const same = stored.map((_, index) => letter(index, 5_000));
    const after = cursorAfter(same, 1, cursorAfter(same, 1));
    expect(numbersOf(pageOf(same, 1, after).letters)).toEqual([2]);
  });

  it("do not begin before the last one where a worker's clock is ahead", () => {
    const skewed = stored.map((message, index) => (index % 3 === 0 ? letter(index, 9_000 + index) : message));
    const after = cursorAfter(skewed, 10);
    expect(numbersOf(pageOf(skewed, 10, after).letters)).toEqual(numbersOf(stored.slice(10, 20)));
  });

  it("end at once when the cursor is the last letter's", () => {
    const after = cursorAfter(stored, 25);
    expect(pageOf(stored, 10, after).letters).toEqual([]);
  });

  it("refuse a cursor that is none", () => {
    expect(() => decodeCursor("x")).toThrow(/must be the `next`/);
  });
});
