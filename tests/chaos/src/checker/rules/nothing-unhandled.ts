import type { Rule } from "../rule.js";

/** I13: every promise is somebody's, and whoever listens stops listening. */
export const nothingUnhandled: Rule = {
  name: "nothing-unhandled",
  promise: "no promise is rejected that nobody handles, and no listeners pile up",
  find: ({ unhandled }) => unhandled.map(({ worker, message }) => ({ what: `${worker}: ${message}` })),
};
