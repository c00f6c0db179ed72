import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { main } from "./main.js";

const COMMANDS = ["worker", "send", "queues", "dlq", "list", "show", "replay", "remove", "purge", "tasks", "config"];
const FLAGS = [
  "--queue",
  "--input",
  "--id",
  "--header",
  "--limit",
  "--concurrency",
  "--log-level",
  "--json",
  "--yes",
  "-q",
];

const hostile = fc.oneof(
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.constantFrom("__proto__", "--__proto__.polluted=1", "--constructor.prototype.polluted=1", "--a.b.c", "--no-queue"),
  fc.constantFrom(
    "",
    "-",
    "--",
    "---",
    "--=",
    "\u001b[2J",
    "\ud800",
    "a".repeat(10_000),
    "../../etc/passwd:app",
    "x:y:z",
  ),
  fc.constantFrom("1e400", "-0", "NaN", "9007199254740993", "{", "null", "data:text/javascript,0:app", "file:///x:app"),
);
const args = fc.array(fc.oneof(fc.constantFrom(...COMMANDS), fc.constantFrom(...FLAGS), hostile), { maxLength: 8 });

describe("hostile arguments", () => {
  // Empty, so that no module can be found and nothing is run.
  const directory = mkdtempSync(join(tmpdir(), "chicory-arguments-"));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  async function run(argv: readonly string[]): Promise<{ code: number; written: string }> {
    const [stdout, stderr, stdin] = [new PassThrough(), new PassThrough(), new PassThrough()];
    let written = "";
    for (const stream of [stdout, stderr]) stream.on("data", (chunk: Buffer) => (written += String(chunk)));
    stdin.end();
    const code = await main(argv, { stdout, stderr, stdin, env: {}, directory });
    return { code, written };
  }

  it("end with a documented status and words, never with a stack or a changed prototype", async () => {
    await fc.assert(
      fc.asyncProperty(args, async (argv) => {
        const { code, written } = await run(argv);
        expect([0, 1, 2, 3]).toContain(code);
        if (code !== 0) expect(written).not.toBe("");
        if (!argv.includes("debug")) expect(written).not.toMatch(/^\s+at .*:\d+:\d+\)?$/m);
        expect(Reflect.get({}, "polluted")).toBeUndefined();
      }),
      { numRuns: 300, seed: 11 },
    );
  });
});
