import { PassThrough } from "node:stream";
import { describe, expect, it } from "@jest/globals";
import { CommandPacker } from "./command-packer.js";
import { PackedCommand } from "./packed-command.js";

describe("a command that is packed", () => {
  it("is written once, and then never without its arguments", () => {
    const socket = new PassThrough();
    const command = new PackedCommand("get", ["key"], new CommandPacker());
    expect(command.toWritable(socket).toString()).toBe("*2\r\n$3\r\nget\r\n$3\r\nkey\r\n");
    expect(() => command.toWritable(socket)).toThrow("get was written before");
  });
});
