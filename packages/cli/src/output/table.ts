import type { Paint } from "./color.js";
import { oneLine } from "./plain-text.js";

/** A column: its title, and on which side its cells stand. */
export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
}

/**
 * Lays rows out under titles, two spaces apart, ending in a line feed. Cells are data: whatever they hold stays on
 * its line and cannot reach the terminal as a control sequence.
 */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[], paint: Paint): string {
  const titles = columns.map(({ title }) => title);
  const cells = rows.map((row) => row.map(oneLine));
  const widths = columns.map((_, index) => Math.max(...[titles, ...cells].map((row) => row[index]?.length ?? 0)));
  const lines = [titles, ...cells].map((row) =>
    columns
      .map(({ align }, index) => {
        const [cell = "", width = 0] = [row[index], widths[index]];
        return align === "right" ? cell.padStart(width) : cell.padEnd(width);
      })
      .join("  ")
      .trimEnd(),
  );
  const [head = "", ...body] = lines;
  return `${[paint("bold", head), ...body].join("\n")}\n`;
}
