import type { Rule } from "../rule.js";

/** I13: every promise is somebody's. */
export const nothingUnhandled: Rule = {
  name: "nothing-unhandled",
  promise: "no promise is rejected that nobody handles",
  find: ({ unhandled }) => unhandled.map(({ worker, message }) => ({ what: `${worker}: ${message}` })),
};
