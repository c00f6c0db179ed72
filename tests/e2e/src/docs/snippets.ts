import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of the repository. */
export const root = fileURLToPath(new URL("../../../../", import.meta.url));

/** `<!-- file: tasks.ts -->` and the code block that follows it. */
const SNIPPET = /^<!-- file: (\S+) -->\n```\w+\n([\s\S]*?)^```$/gm;

/** A program of a page's, under the name that the page gives it. */
export interface Snippet {
  readonly file: string;
  readonly code: string;
}

/** The marked code blocks of a Markdown page, by its path in the repository. */
export async function snippets(page: string): Promise<readonly Snippet[]> {
  const text = await readFile(join(root, page), "utf8");
  return [...text.matchAll(SNIPPET)].map(([, file = "", code = ""]) => ({ file, code }));
}
