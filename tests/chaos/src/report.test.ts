import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type RunRecord, writeToPage } from "./report.js";

const PAGE =
  "Before.\n<!-- run -->\nold\n<!-- end of run -->\nBetween.\n<!-- run: more -->\nold\n<!-- end of run -->\nAfter.\n";

const record: RunRecord = {
  command: "npm run chaos",
  date: "2026-01-31",
  seed: 7,
  node: "20",
  versions: [],
  minutes: 1,
  results: [{ scenario: "one", stage: "redis", skipped: "no disk", failed: false }],
};

describe("a run that is put into a page", () => {
  let folder: string;
  let page: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "chicory-report-"));
    page = join(folder, "page.md");
    writeFileSync(page, PAGE);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("takes the place of the one before, and leaves the rest of the page", () => {
    writeToPage(page, record);
    const text = readFileSync(page, "utf8");
    expect(text).toMatch(/^Before\.\n<!-- run -->\n\n`npm run chaos`, 2026-01-31, seed 7/);
    expect(text).toContain("| one | redis | skipped: no disk |");
    expect(text).toMatch(/Between\.\n<!-- run: more -->\nold\n<!-- end of run -->\nAfter\.\n$/);
  });

  it("goes to the place that is named", () => {
    writeToPage(page, record, "more");
    const text = readFileSync(page, "utf8");
    expect(text).toMatch(/^Before\.\n<!-- run -->\nold\n<!-- end of run -->\nBetween\.\n/);
    expect(text).toMatch(/<!-- run: more -->\n\n`npm run chaos`.+\| one \|.+<!-- end of run -->\nAfter\.\n$/s);
  });

  it("needs a place that is there", () => {
    expect(() => writeToPage(page, record, "none")).toThrow("put <!-- run: none --> and <!-- end of run --> into it");
  });
});
