/** Control characters, of which an escape sequence could rewrite the screen; line feeds and tabs included. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;

/** Text that somebody else wrote, on one line and without anything that a terminal would obey. */
export function oneLine(text: string): string {
  return text.replace(CONTROL, (character) => (/\s/.test(character) ? " " : escaped(character)));
}

/** Text that somebody else wrote, with its lines, and without anything that a terminal would obey. */
export function manyLines(text: string): string {
  return text.replace(CONTROL, (character) =>
    character === "\n" || character === "\t" ? character : escaped(character),
  );
}

/** The beginning of a text, with a mark where something was cut off. */
export function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

function escaped(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
}
