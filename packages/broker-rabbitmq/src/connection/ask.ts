import { fromChannel, unanswered } from "../errors.js";
import { within } from "./deadline.js";

/** Waits for the server's answer to a command; rejects with an error of Chicory's tree. `what` is the command in words. */
export async function ask<T>(answer: Promise<T>, what: string, timeoutMs: number): Promise<T> {
  try {
    return await within(answer, timeoutMs, () => unanswered(what, timeoutMs));
  } catch (error) {
    throw fromChannel(error, what);
  }
}
