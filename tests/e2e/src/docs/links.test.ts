import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { root } from "./snippets.js";

/** Every page of the repository, by path. */
async function pages(): Promise<readonly string[]> {
  const found = await Promise.all(
    ["docs", "examples", "packages"].map(async (folder) => {
      const names = await readdir(join(root, folder), { recursive: true });
      return names
        .filter((name) => name.endsWith(".md") && !name.includes("node_modules"))
        .map((name) => join(folder, name));
    }),
  );
  return ["README.md", "CONTRIBUTING.md", ...found.flat()];
}

/** As code hosts make them: lower case, spaces to hyphens, everything else than letters, digits and hyphens gone. */
const anchors = (text: string) =>
  [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );

describe("the pages", () => {
  it("link to files and headings that exist", async () => {
    const broken: string[] = [];
    for (const page of await pages()) {
      const text = await readFile(join(root, page), "utf8");
      for (const [, target = ""] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^[a-z]+:/.test(target)) continue;
        const [path = "", anchor] = target.split("#");
        const file = path === "" ? join(root, page) : join(root, dirname(page), path);
        const found = existsSync(file) && (!anchor || anchors(await readFile(file, "utf8")).includes(anchor));
        if (!found) broken.push(`${page}: ${target}`);
      }
    }
    expect(broken).toEqual([]);
  });

  it("name only files of the repository that exist", async () => {
    const missing: string[] = [];
    for (const page of await pages()) {
      const text = await readFile(join(root, page), "utf8");
      for (const [, path = ""] of text.matchAll(/`((?:packages|examples|docs|tests|scripts)\/[\w./-]+)`/g)) {
        if (!existsSync(join(root, path))) missing.push(`${page}: ${path}`);
      }
    }
    expect(missing).toEqual([]);
  });
});
