/** An item of a script's input that did not take. */
export interface ScriptProblem {
  /** Position in the input, from 0. */
  readonly index: number;
  /** The server's error text; empty where the script had nothing to act on. */
  readonly text: string;
}

/** Reads `{index, text, index, text, ...}` with indexes from 1. */
export function toProblems(reply: unknown): readonly ScriptProblem[] {
  if (!Array.isArray(reply) || reply.length === 0) return [];
  const problems: ScriptProblem[] = [];
  for (let at = 0; at < reply.length; at += 2) {
    problems.push({ index: Number(reply[at]) - 1, text: String(reply[at + 1]) });
  }
  return problems;
}
