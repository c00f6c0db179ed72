import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

const colours = process.stdout.isTTY === true && !process.env.NO_COLOR;
const startedAt = performance.now();

/** Text in a colour, where the output is a terminal and NO_COLOR is not set. */
export function paint(style: Style, text: string): string {
  return colours ? styleText(style, text) : text;
}

/** Writes one line: when, who, and what happened. */
export function say(who: "producer" | "worker", what: string): void {
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(2);
  console.log(`${paint("gray", `${seconds.padStart(6)} s`)}  ${paint("bold", who.padEnd(8))}  ${what}`);
}
