/** A table as Markdown; the first row is the head. Columns from `numbersFrom` on stand to the right. */
export function markdownTable(rows: readonly (readonly string[])[], numbersFrom: number): string {
  const [head = [], ...body] = rows;
  const line = (cells: readonly string[]) => `| ${head.map((_, at) => escaped(cells[at] ?? "")).join(" | ")} |`;
  const rule = `| ${head.map((_, at) => (at >= numbersFrom ? "---:" : "---")).join(" | ")} |`;
  return [line(head), rule, ...body.map(line)].join("\n");
}

function escaped(text: string): string {
  return text.replaceAll("|", "\\|");
}

/** Puts values in the places of a template that name them as `{{name}}`. Throws for a name without a value. */
export function filled(template: string, values: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`The template asks for "${name}", which nobody gives`);
    return value;
  });
}
