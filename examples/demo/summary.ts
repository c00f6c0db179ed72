import { paint } from "./screen.js";

/** As wide as the longest value, and a gap. */
const COLUMN = 14;

/** One line of the summary: what must be, and what was. */
export interface Check {
  readonly what: string;
  readonly expected: string | number;
  readonly counted: string | number;
}

/** Prints the summary; returns whether everything was as it must be. */
export function printSummary(checks: readonly Check[]): boolean {
  const width = Math.max(...checks.map(({ what }) => what.length));
  const column = (value: string | number) => String(value).padStart(COLUMN);
  console.log(`\n${"Summary".padEnd(width + 2)}${column("expected")}${column("counted")}`);
  for (const { what, expected, counted } of checks) {
    const same = expected === counted;
    const mark = same ? paint("green", "ok") : paint("red", "WRONG");
    console.log(`  ${what.padEnd(width)}${column(expected)}${column(counted)}  ${mark}`);
  }
  const wrong = checks.filter(({ expected, counted }) => expected !== counted).length;
  console.log(wrong === 0 ? "\nEverything happened as it must." : `\n${wrong} of these are wrong.`);
  return wrong === 0;
}
