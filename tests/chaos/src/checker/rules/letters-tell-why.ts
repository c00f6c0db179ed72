import { ofEachTask, type Rule } from "../rule.js";

/** Why a task is buried that failed in every attempt that it had. */
const EXHAUSTED = "retries-exhausted";

/** I5: a letter is all that an operator has of a failure. */
export const lettersTellWhy: Rule = {
  name: "letters-tell-why",
  promise:
    "a task is buried for want of retries only after its last attempt, and its letter says how often it failed and how",
  find: ofEachTask(({ send, executions, letters }) => {
    const letter = letters.find(({ reason }) => reason === EXHAUSTED);
    if (send === undefined || letter === undefined) return undefined;
    const last = send.maxRetries + 1;
    if (!executions.some(({ start }) => start.attempt === last)) {
      return `was buried for want of retries, and attempt ${last} never started`;
    }
    const { attempts = last, hasError = true } = letter;
    if (attempts !== last) return `was tried ${last} times, and its letter says ${attempts}`;
    return hasError ? undefined : "failed, and its letter does not say how";
  }),
};
