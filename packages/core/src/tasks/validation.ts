import { type InputIssue, InvalidInputError } from "../errors/message-errors.js";
import type { StandardIssue, StandardSchema } from "./standard-schema.js";

/**
 * Runs a task's input through its schema and returns the schema's output. Throws an {@link InvalidInputError} with
 * the path and message of each issue, without what was received: errors are logged, and input stays out of logs.
 */
export async function validateInput<TOutput>(
  taskName: string,
  schema: StandardSchema<unknown, TOutput>,
  input: unknown,
): Promise<TOutput> {
  const answer = schema["~standard"].validate(input);
  // Most schemas answer at once: a needless await would cost a turn of the event loop's queue per message.
  const result = answer instanceof Promise ? await answer : answer;
  if (result.issues === undefined) return result.value;
  throw new InvalidInputError(taskName, result.issues.map(toInputIssue));
}

/** Longest text of one issue: enough for a sentence. */
const MAX_ISSUE_LENGTH = 200;

/** How valibot, zod and arktype go on to quote the value: `: Received "x"`, `but received "x"`, `, received x`, `(was x)`. */
const QUOTED_VALUE = /[\s,:]*(?:\bbut )?\b(?:received|was|got)\b.*$/is;

function toInputIssue(issue: StandardIssue): InputIssue {
  const steps = (issue.path ?? []).map((step) => (typeof step === "object" ? step.key : step));
  const path = steps.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    return text === "" ? String(key) : `${text}.${String(key)}`;
  }, "");
  const message = issue.message.replace(QUOTED_VALUE, "").slice(0, MAX_ISSUE_LENGTH);
  return { path, message: message === "" ? "is not accepted" : message };
}
