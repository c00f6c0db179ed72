import type { Rule } from "../rule.js";

/** I8 and I9: when everything has come to rest the broker holds nothing but dead letters. */
export const nothingWaits: Rule = {
  name: "nothing-waits",
  promise: "nothing is left waiting",
  find: ({ waiting }) =>
    waiting
      .filter(({ ready, delayed, inFlight }) => ready + delayed + inFlight > 0)
      .map(({ queue, ready, delayed, inFlight }) => ({
        what: `queue ${queue} holds ${ready} ready, ${delayed} delayed and ${inFlight} in flight at the end`,
      })),
};
