import { describe, expect, it } from "@jest/globals";
import { type FetchedEntry, readPackedEntries } from "./packed-entries.js";

/** The length of a list or string as MessagePack writes it: in the type, or behind it in one, two or four bytes. */
function header(short: number, max: number, types: readonly [number, number, number], length: number): Buffer {
  const [type8, type16, type32] = types;
  if (length <= max) return Buffer.from([short | length]);
  if (length <= 0xff && type8 !== 0) return Buffer.from([type8, length]);
  const bytes = Buffer.alloc(length <= 0xffff ? 3 : 5);
  bytes[0] = length <= 0xffff ? type16 : type32;
  bytes.writeUIntBE(length, 1, bytes.length - 1);
  return bytes;
}

function packString(text: string | Buffer): Buffer {
  const bytes = Buffer.from(text as string);
  return Buffer.concat([header(0xa0, 31, [0xd9, 0xda, 0xdb], bytes.length), bytes]);
}

function packList(items: readonly Buffer[]): Buffer {
  return Buffer.concat([header(0x90, 15, [0, 0xdc, 0xdd], items.length), ...items]);
}

function packEntries(entries: readonly (readonly [string, readonly (string | Buffer)[]])[]): Buffer {
  return packList(entries.map(([id, fields]) => packList([packString(id), packList(fields.map(packString))])));
}

function read(packed: Buffer): readonly FetchedEntry[] {
  const entries: FetchedEntry[] = [];
  readPackedEntries(packed, 3, entries);
  return entries;
}

describe("readPackedEntries", () => {
  it("reads bodies of every length as they are", () => {
    const bodies = [0, 1, 31, 32, 255, 256, 65_535, 65_536].map((length) => Buffer.alloc(length, 0xc3));
    const entries = read(packEntries(bodies.map((body, n) => [`1700000000000-${n}`, ["m", body]])));
    expect(entries).toEqual(bodies.map((body, n) => ({ priority: 3, id: `1700000000000-${n}`, content: body })));
  });

  it("reads lists of every length", () => {
    for (const length of [1, 15, 16, 65_535, 65_536]) {
      const entries = read(packEntries(Array.from({ length }, (_, n) => [`${n}-0`, ["m", "body"]] as const)));
      expect(entries.length).toBe(length);
      expect(entries.at(-1)?.id).toBe(`${length - 1}-0`);
    }
  });

  it("reads the longest id", () => {
    const id = "18446744073709551615-18446744073709551615";
    expect(read(packEntries([[id, ["m", "body"]]]))[0]?.id).toBe(id);
  });

  it("hands out all fields of an entry that has others than a body", () => {
    const contents = [
      ["a", "1"],
      ["m", "body", "other", "2"],
      ["mm", "3"],
    ].map((fields) => read(packEntries([["1-1", fields]]))[0]?.content);
    expect(contents.map((content) => (content as Buffer[]).map(String))).toEqual([
      ["a", "1"],
      ["m", "body", "other", "2"],
      ["mm", "3"],
    ]);
  });

  it("refuses what is no list of entries", () => {
    expect(() => read(Buffer.from([0xc0]))).toThrow("unknown way");
    expect(() => read(Buffer.alloc(0))).toThrow("unknown way");
    expect(() => read(packList([packList([packString("1-1")])]))).toThrow("unknown way");
  });

  it("refuses entries that end too early", () => {
    const packed = packEntries([["1-1", ["m", "body"]]]);
    for (let end = 0; end < packed.length; end++) expect(() => read(packed.subarray(0, end))).toThrow();
  });
});
