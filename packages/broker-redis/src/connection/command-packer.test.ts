import { Writable } from "node:stream";
import { describe, expect, it } from "@jest/globals";
import type { Argument } from "../scripts/script.js";
import { CommandPacker } from "./command-packer.js";

/** What the protocol asks for, written down plainly. */
function expected(...parts: readonly (string | Buffer)[]): Buffer {
  const bulks = parts.map((part) => {
    const bytes = Buffer.from(part as string);
    return Buffer.concat([Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from("\r\n")]);
  });
  return Buffer.concat([Buffer.from(`*${parts.length}\r\n`), ...bulks]);
}

/** A socket that has passed on all that was written to it. */
function idleSocket(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() });
}

/** A socket that still holds what was written to it. */
function busySocket(): Writable {
  const socket = new Writable({ write: () => undefined });
  socket.write("held");
  return socket;
}

function pack(name: string, args: readonly Argument[]): Buffer {
  return new CommandPacker().pack(name, args, idleSocket());
}

describe("CommandPacker", () => {
  it("writes strings, numbers and bytes with their lengths", () => {
    const bytes = Buffer.from([0, 255, 13, 10]);
    expect(pack("evalsha", ["", "body", 0, 12_345, bytes])).toEqual(
      expected("evalsha", "", "body", "0", "12345", bytes),
    );
  });

  it("counts the bytes of a text and not its characters", () => {
    expect(pack("xadd", ["é", "漢字", "😀", "plain"])).toEqual(expected("xadd", "é", "漢字", "😀", "plain"));
  });

  it("writes an unpaired surrogate as the replacement character", () => {
    expect(pack("xadd", ["a\ud800b"])).toEqual(expected("xadd", "a\ufffdb"));
  });

  it("finds room for texts that take three times as many bytes as characters", () => {
    const texts = Array.from({ length: 40 }, (_, n) => "漢".repeat(n * n));
    expect(pack("xadd", texts)).toEqual(expected("xadd", ...texts));
  });

  it("finds room where the last text alone is not ASCII", () => {
    const texts = ["x".repeat(10_000), "é".repeat(30)];
    expect(pack("xadd", texts)).toEqual(expected("xadd", ...texts));
  });

  it("writes the next command into the same bytes once the socket has passed them on", () => {
    const packer = new CommandPacker();
    const socket = idleSocket();
    const first = packer.pack("ping", ["one"], socket);
    const second = packer.pack("ping", ["two"], socket);
    expect(second).toEqual(expected("ping", "two"));
    expect(second.buffer).toBe(first.buffer);
  });

  it("leaves bytes alone that the socket still holds", () => {
    const packer = new CommandPacker();
    const first = packer.pack("ping", ["one"], busySocket());
    const second = packer.pack("ping", ["two"], busySocket());
    expect(first).toEqual(expected("ping", "one"));
    expect(second).toEqual(expected("ping", "two"));
  });

  it("keeps no bytes of a very large command", () => {
    const packer = new CommandPacker();
    const socket = idleSocket();
    const large = packer.pack("xadd", ["x".repeat(2_000_000)], socket);
    expect(packer.pack("ping", [], socket).buffer).not.toBe(large.buffer);
  });
});
