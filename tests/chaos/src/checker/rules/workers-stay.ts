import type { Rule } from "../rule.js";

/** I13: a worker ends when it is asked to, and says how. */
export const workersStay: Rule = {
  name: "workers-stay",
  promise: "no worker ends by itself",
  find: ({ exits }) =>
    exits
      .filter(({ asked }) => !asked)
      .map(({ worker, code, signal }) => ({
        what: `${worker} ended by itself with ${signal === null ? `code ${code}` : `signal ${signal}`}`,
      })),
};
