import { ofEachTask, type Rule } from "../rule.js";

/** For a timer and a turn of the event loop on a machine that is busy. */
const SLACK_MS = 1_000;

/** I12: no send hangs. */
export const sendsSettle: Rule = {
  name: "sends-settle",
  promise: "every send is settled one way or the other, within its time",
  find: ofEachTask(({ send, outcome }, _, { publishTimeoutMs = Number.POSITIVE_INFINITY }) => {
    if (send === undefined) return undefined;
    if (outcome === undefined) return "was sent, and the send was never answered";
    const took = outcome.t - send.t;
    return took > publishTimeoutMs + SLACK_MS ? `was sent, and the answer took ${Math.round(took)} ms` : undefined;
  }),
};
