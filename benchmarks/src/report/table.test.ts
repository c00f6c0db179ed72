import { describe, expect, it } from "@jest/globals";
import { tableLines } from "./table.js";

describe("tableLines", () => {
  it("aligns text to the left and numbers to the right", () => {
    const rows = [
      ["name", "rate"],
      ["a", "1,000"],
      ["longer", "5"],
    ];
    expect(tableLines(rows, ["left", "right"])).toEqual(["name     rate", "a       1,000", "longer      5"]);
  });

  it("fills up a row that is short", () => {
    expect(tableLines([["a", "b"], ["c"]], ["left", "left"])).toEqual(["a  b", "c"]);
  });
});
