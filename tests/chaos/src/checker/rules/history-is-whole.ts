import { ofEachTask, type Rule } from "../rule.js";

/** A checker that trusts a broken ledger finds nothing, or the wrong thing. */
export const historyIsWhole: Rule = {
  name: "history-is-whole",
  promise: "no fact of the history contradicts another",
  find: ofEachTask(({ contradictions }) => contradictions?.join("; ")),
};
