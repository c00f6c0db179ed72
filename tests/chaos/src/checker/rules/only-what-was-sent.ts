import { ofEachTask, type Rule } from "../rule.js";

/** I2: no queue is shared by mistake, and nothing is made up. */
export const onlyWhatWasSent: Rule = {
  name: "only-what-was-sent",
  promise: "nothing runs or is buried that was never sent",
  find: ofEachTask(({ send, executions, letters }) =>
    send === undefined && executions.length + letters.length > 0 ? "was never sent" : undefined,
  ),
};
