import type { HistoryEvent } from "../history-event.js";

/** An event of one kind. */
export type EventOf<TKind extends HistoryEvent["kind"]> = Extract<HistoryEvent, { kind: TKind }>;

/** How a send was answered. */
export type SendOutcome = EventOf<"pub-ok" | "pub-fail" | "pub-unknown">;

/** One execution: its start, and its end and settlement where they are known. */
export interface Execution {
  readonly start: EventOf<"run-start">;
  end: EventOf<"run-end"> | undefined;
  /** What the broker took of it. */
  settled: EventOf<"settled"> | undefined;
  /** Its worker learned that the delivery was not its own any more. */
  lost: EventOf<"lost-lease"> | undefined;
}

/** Everything that is known of one task, each list in the order of time. */
export interface TaskHistory {
  readonly id: string;
  /** Undefined for one that nobody sent. */
  send: EventOf<"pub-call"> | undefined;
  outcome: SendOutcome | undefined;
  readonly executions: Execution[];
  /** What the broker took of it, also of deliveries that were not started. */
  readonly settlements: EventOf<"settled">[];
  readonly letters: EventOf<"dead">[];
  replays: number;
  /** Facts that contradict each other, in words. */
  contradictions: string[] | undefined;
}

/** Whether some execution of the task returned. */
export function isDone({ executions }: TaskHistory): boolean {
  return executions.some(({ end }) => end?.ok === true);
}

/** Whether the broker said that it has the task. */
export function isConfirmed({ outcome }: TaskHistory): boolean {
  return outcome?.kind === "pub-ok";
}

/** Whether the task was sent with this delivery mode. */
export function isSent({ send }: TaskHistory, mode: EventOf<"pub-call">["mode"]): boolean {
  return send?.mode === mode;
}
