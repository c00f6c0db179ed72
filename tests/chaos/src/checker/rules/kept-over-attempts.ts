import { ofEachTask, type Rule } from "../rule.js";

/** I7: whoever carries a task on changes nothing of it. */
export const keptOverAttempts: Rule = {
  name: "kept-over-attempts",
  promise: "queue, priority and headers of a task are the same in every attempt",
  find: ofEachTask(({ send, executions, letters }) => {
    if (send === undefined) return undefined;
    const strange = [...executions.map(({ start }) => start), ...letters].find(({ queue }) => queue !== send.queue);
    if (strange !== undefined) return `was sent to queue ${send.queue} and turned up in ${strange.queue}`;
    const isOther = (priority: number | undefined) => priority !== undefined && priority !== send.priority;
    const [first] = executions;
    const changed = executions.find(({ start }) => start.priority !== first?.start.priority);
    if (changed !== undefined) return `lost its headers on the way to attempt ${changed.start.attempt}`;
    const wrong = executions.find(({ start }) => isOther(start.priority) || isOther(start.handedOutAs));
    return wrong === undefined
      ? undefined
      : `was sent with priority ${send.priority}, and attempt ${wrong.start.attempt} ran with another`;
  }),
};
