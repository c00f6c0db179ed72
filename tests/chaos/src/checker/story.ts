import type { HistoryEvent } from "../history-event.js";
import type { RunHistory } from "./run-history.js";

/** Lines of a story: more would hide what matters, and a task that ran for ever would fill the disk. */
const MAX_LINES = 60;

const FAULTS: ReadonlySet<HistoryEvent["kind"]> = new Set(["nemesis", "clock", "worker-exit"]);

/** What happened to one task, and the faults of that time, one line for each fact with its time since the run began. */
export function storyOf(id: string, { events }: RunHistory): readonly string[] {
  const own = events.filter((event) => "id" in event && event.id === id);
  const from = own[0]?.t ?? 0;
  const until = own.at(-1)?.t ?? 0;
  const around = events.filter(
    (event) => ("id" in event && event.id === id) || (FAULTS.has(event.kind) && event.t >= from && event.t <= until),
  );
  const began = events[0]?.t ?? 0;
  const lines = around.map((event) => `${seconds(event.t - began)}  ${sentence(event)}`);
  if (lines.length <= MAX_LINES) return lines;
  return [...lines.slice(0, MAX_LINES), `... and ${lines.length - MAX_LINES} facts more`];
}

function seconds(ms: number): string {
  return `+${(ms / 1_000).toFixed(3)} s`.padStart(12);
}

function sentence(event: HistoryEvent): string {
  switch (event.kind) {
    case "pub-call": {
      const { task, queue, mode, priority, eta, dedupe, maxRetries } = event;
      const due = eta === undefined ? "" : `, due ${Math.round(eta - event.t)} ms from now`;
      const repeated = dedupe ? ", stored once however often it is repeated" : "";
      return `${task} is sent to ${queue}: ${mode}, priority ${priority}, ${maxRetries} retries${due}${repeated}`;
    }
    case "pub-ok":
      return "the broker confirms it";
    case "pub-fail":
      return `the send is refused (${event.code})`;
    case "pub-unknown":
      return `the fate of the send is unknown (${event.code})`;
    case "run-start":
      return `attempt ${event.attempt} starts on ${event.worker} from queue ${event.queue}${handOut(event.deliveryCount)}`;
    case "run-end":
      return `attempt ${event.attempt} ${event.ok ? "returns" : "throws"} on ${event.worker}`;
    case "settled":
      return `the broker takes it from ${event.worker} as ${event.as}`;
    case "lost-lease":
      return `${event.worker} learns that it is not its own any more`;
    case "dead":
      return `it is in the dead letters of ${event.queue} (${event.reason})`;
    case "replayed":
      return `${event.operator} puts it back from the dead letters`;
    case "waiting":
      return `${event.queue} holds ${event.ready} ready, ${event.delayed} delayed, ${event.inFlight} in flight`;
    case "nemesis":
      return `FAULT ${event.op}${event.target === undefined ? "" : ` of ${event.target}`} ${event.phase}s`;
    case "clock":
      return `FAULT the broker's clock is put ${event.aheadMs} ms ahead of the machine's`;
    case "worker-ready":
      return `${event.worker} is ready`;
    case "worker-exit":
      return `FAULT ${event.worker} ends with ${event.signal ?? `code ${event.code}`}`;
    case "unhandled":
      return `${event.worker} left a rejection unhandled: ${event.message}`;
  }
}

function handOut(count: number | undefined): string {
  return count === undefined || count === 1 ? "" : ` (hand-out ${count})`;
}
