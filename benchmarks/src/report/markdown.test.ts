import { describe, expect, it } from "@jest/globals";
import { filled, markdownTable } from "./markdown.js";

describe("markdownTable", () => {
  it("has a head, and numbers to the right", () => {
    const rows = [
      ["name", "rate"],
      ["one", "5"],
    ];
    expect(markdownTable(rows, 1)).toBe("| name | rate |\n| --- | ---: |\n| one | 5 |");
  });

  it("fills up a row that is short, and lets no text end a cell", () => {
    expect(
      markdownTable([["a", "b"], ["x|y"]], 2)
        .split("\n")
        .at(-1),
    ).toBe("| x\\|y |  |");
  });
});

describe("filled", () => {
  it("puts every value in its places", () => {
    expect(filled("{{a}} and {{b}} and {{a}}", { a: "1", b: "2" })).toBe("1 and 2 and 1");
  });

  it("refuses a template that asks for what is not there", () => {
    expect(() => filled("{{a}}", {})).toThrow('"a"');
  });

  it("takes a value as it is", () => {
    expect(filled("{{a}}", { a: "$& {{b}}" })).toBe("$& {{b}}");
  });
});
