import { ofEachTask, type Rule } from "../rule.js";

/** I2: a refusal is certain. */
export const nothingRefusedRuns: Rule = {
  name: "nothing-refused-runs",
  promise: "nothing runs or is buried whose send was refused",
  find: ofEachTask(({ outcome, executions, letters }) =>
    outcome?.kind === "pub-fail" && executions.length + letters.length > 0
      ? `was refused (${outcome.code}), and the broker had it`
      : undefined,
  ),
};
