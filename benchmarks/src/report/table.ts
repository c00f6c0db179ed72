/** Space between two columns. */
const GAP = "  ";

/** How a column stands. */
export type Alignment = "left" | "right";

/** Lines of a table, each column as wide as its widest cell. The first row is the head. */
export function tableLines(rows: readonly (readonly string[])[], alignments: readonly Alignment[]): readonly string[] {
  const widths = alignments.map((_, column) => Math.max(0, ...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    widths
      .map((width, column) => {
        const cell = row[column] ?? "";
        return alignments[column] === "right" ? cell.padStart(width) : cell.padEnd(width);
      })
      .join(GAP)
      .trimEnd(),
  );
}
