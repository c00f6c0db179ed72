import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { useSystem } from "../system/fixture.js";
import { root } from "./snippets.js";

const COMMANDS = ["worker", "send", "queues", "tasks", "config"];
const DEAD_LETTER_COMMANDS = ["list", "summary", "show", "replay", "remove", "purge"];

/** Of every program; nobody looks them up. */
const USUAL_FLAGS = ["--help", "--version"];

const flagsIn = (text: string): readonly string[] => [...new Set(text.match(/--[a-z][a-z-]*/g))];

describe("docs/cli.md", () => {
  const system = useSystem();
  const page = () => readFile(join(root, "docs/cli.md"), "utf8");
  const help = async (...command: readonly string[]): Promise<string> => {
    const { code, stdout } = await system.chicory(...command, "--help");
    expect({ command, code }).toEqual({ command, code: 0 });
    return stdout;
  };
  const chapter = async (command: string): Promise<string> => {
    const [general = "", ...chapters] = (await page()).split(/^## /m);
    return general + chapters.find((text) => text.startsWith(`chicory ${command}\n`));
  };

  it("names every command, and no other", async () => {
    const listed = [...(await help()).matchAll(/^\s+chicory ([a-z]+) /gm)].map(([, name = ""]) => name);
    expect([...new Set(listed)].sort()).toEqual([...COMMANDS, "dlq"].sort());
    const described = [...(await page()).matchAll(/^## chicory (\w+)$/gm)].map(([, name = ""]) => name);
    expect(described.sort()).toEqual([...COMMANDS, "dlq"].sort());
  });

  it.each(COMMANDS)("names the flags of chicory %s, and no other", async (command) => {
    const flags = flagsIn(await help(command)).filter((flag) => !USUAL_FLAGS.includes(flag));
    const described = flagsIn(await chapter(command));
    // A flag that is on by default is shown by its name, and described by what turns it off.
    for (const flag of flags) {
      expect([flag, flag.replace("--", "--no-")].some((name) => described.includes(name))).toBe(true);
    }
    const known = flags.flatMap((flag) => [flag, flag.replace("--", "--no-")]);
    const unknown = described.filter((flag) => !known.includes(flag) && !USUAL_FLAGS.includes(flag));
    expect(unknown.filter((flag) => flag !== "--json")).toEqual([]);
  });

  it("names the flags of the commands about dead letters, and no other", async () => {
    const texts = await Promise.all(DEAD_LETTER_COMMANDS.map((command) => help("dlq", command)));
    const flags = [...new Set(texts.flatMap(flagsIn))].filter((flag) => !USUAL_FLAGS.includes(flag));
    expect([...flagsIn(await chapter("dlq"))].filter((flag) => !USUAL_FLAGS.includes(flag)).sort()).toEqual(
      flags.sort(),
    );
    for (const command of DEAD_LETTER_COMMANDS) expect(await page()).toContain(`chicory dlq ${command} `);
  });
});
