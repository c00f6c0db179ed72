import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { root } from "./snippets.js";

const PAGES_IN = ["docs", "examples", "packages"];
const NOT_OURS = ["node_modules", "dist"];

/** The Markdown files below a folder, by path in the repository. */
async function pagesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true });
  const found = entries.map((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return NOT_OURS.includes(entry.name) ? [] : pagesBelow(path);
    return entry.name.endsWith(".md") ? [path] : [];
  });
  return (await Promise.all(found)).flat();
}

/** Every page of the repository. */
async function pages(): Promise<readonly string[]> {
  return ["README.md", "CONTRIBUTING.md", ...(await Promise.all(PAGES_IN.map(pagesBelow))).flat()];
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
