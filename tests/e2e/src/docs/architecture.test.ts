import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { root } from "./snippets.js";

/** Every source file of the packages, as one text. */
async function sources(): Promise<string> {
  const packages = await readdir(join(root, "packages"));
  const texts = packages.map(async (name) => {
    const folder = join(root, "packages", name, "src");
    const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith(".ts"));
    return Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
  });
  return (await Promise.all(texts)).flat(2).join("\n");
}

describe("docs/architecture.md", () => {
  it("names parts that exist in the sources", async () => {
    const text = await readFile(join(root, "docs/architecture.md"), "utf8");
    const diagrams = [...text.matchAll(/^```\n([\s\S]*?)^```$/gm)].map(([, diagram = ""]) => diagram).join("\n");
    // Names of classes: two capitals at least, so that no ordinary word at the beginning of a line is taken for one.
    const inDiagrams = diagrams.match(/\b(?:[A-Z][a-z]+){2,}\b/g) ?? [];
    const inText = [...text.matchAll(/`((?:[A-Z][a-z]+){2,})`/g)].map(([, name = ""]) => name);
    const all = await sources();
    const missing = [...new Set([...inDiagrams, ...inText])].filter(
      (name) => !new RegExp(`\\b(?:class|interface|type) ${name}\\b`).test(all),
    );
    expect(inDiagrams.length).toBeGreaterThan(10);
    expect(missing).toEqual([]);
  });
});
