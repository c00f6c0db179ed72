import { PassThrough, Writable } from "node:stream";
import { describe, expect, it } from "@jest/globals";
import { Terminal } from "./terminal.js";

function surroundings(stdout: Writable = new PassThrough()) {
  return { stdout, stderr: new PassThrough(), stdin: new PassThrough(), env: {}, directory: "/" };
}

describe("Terminal", () => {
  it("writes data to stdout and remarks to stderr", async () => {
    const around = surroundings();
    const terminal = new Terminal(around);
    await terminal.printJson({ a: 1 });
    await terminal.note("done\n");
    expect(String((around.stdout as PassThrough).read())).toBe('{\n  "a": 1\n}\n');
    expect(String(around.stderr.read())).toBe("done\n");
  });

  it("goes on quietly when the reader of stdout has gone", async () => {
    const stdout = new Writable({
      write: (_chunk, _encoding, callback) => callback(Object.assign(new Error("write EPIPE"), { code: "EPIPE" })),
    });
    const terminal = new Terminal(surroundings(stdout));
    await terminal.print("a\n");
    await terminal.print("b\n");
    await terminal.flush();
  });

  it("is not interactive where stdin is no terminal", () => {
    expect(new Terminal(surroundings()).isInteractive).toBe(false);
  });
});
