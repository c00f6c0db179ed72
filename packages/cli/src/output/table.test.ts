import { describe, expect, it } from "@jest/globals";
import { painter } from "./color.js";
import { table } from "./table.js";

const columns = [{ title: "queue" }, { title: "ready", align: "right" }] as const;

describe("table", () => {
  it("aligns cells under their titles", () => {
    expect(
      table(
        columns,
        [
          ["emails", "12"],
          ["a", "3000000"],
        ],
        painter(false),
      ),
    ).toBe("queue     ready\nemails       12\na       3000000\n");
  });

  it("keeps a cell on its line, whatever it holds", () => {
    expect(table(columns, [["a\n\u001b[2J", "1"]], painter(false))).toBe("queue      ready\na \\x1b[2J      1\n");
  });
});
