/** Colors that output uses, as codes of ANSI terminals. */
const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 34, gray: 90 } as const;

/** Name of a color or weight. */
export type Style = keyof typeof CODES;

/** Puts text into a style, or leaves it as it is where colors are off. */
export type Paint = (style: Style, text: string) => string;

/** Where a decision about colors comes from. */
export interface ColorSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly isTerminal: boolean;
}

/**
 * Whether to use colors: never with NO_COLOR (https://no-color.org), always with FORCE_COLOR other than "0" or
 * "false", else on a terminal that is not dumb. FORCE_COLOR wins over NO_COLOR, as in Node.
 */
export function usesColor({ env, isTerminal }: ColorSources): boolean {
  const { FORCE_COLOR: forced, NO_COLOR: never, TERM: terminal } = env;
  if (forced !== undefined) return forced !== "0" && forced !== "false";
  if (never !== undefined && never !== "") return false;
  return isTerminal && terminal !== "dumb";
}

/** A {@link Paint} that uses colors or not. */
export function painter(colored: boolean): Paint {
  return (style, text) => (colored ? `\u001b[${CODES[style]}m${text}\u001b[0m` : text);
}
