import type { Chicory, StoredDeadLetter } from "@chicory/core";
import { eventually } from "@chicory/test-servers";
import { deadLetterEvent } from "./dead-letter-event.js";
import type { HistoryTail } from "./history-tail.js";
import type { Ledger } from "./ledger.js";
import { QUEUES } from "./load/load.js";
import type { Stage } from "./stages/stage.js";

/** Longest time from the end of the load until everything has come to rest. */
const DEADLINE_MS = 90_000;
/** Nothing happens for so long when nothing is on its way any more; retries of the load wait for less. */
const QUIET_MS = 700;

/** Waits until nothing waits in the broker and nobody does anything. Resolves with whether that came about. */
export async function comesToRest(stage: Stage, tail: HistoryTail, ledger: Ledger): Promise<boolean> {
  const quiet = () => {
    tail.read(ledger.now());
    return tail.quietMs > QUIET_MS;
  };
  try {
    // Asking the broker may take a second, so it is asked last.
    await eventually(async () => quiet() && (await stage.waiting()) === 0 && quiet(), {
      deadlineMs: DEADLINE_MS,
      intervalMs: 100,
    });
    return true;
  } catch {
    return false;
  }
}

/** Notes what is left in the broker: its dead letters, and what waits though nobody comes for it. */
export async function noteRemains(app: Chicory, stage: Stage, ledger: Ledger): Promise<void> {
  for (const queue of QUEUES) {
    const { ready, delayed = 0, inFlight = 0, deadLetters } = await app.broker.depth(queue);
    ledger.write({ kind: "waiting", queue, ready, delayed, inFlight });
    const letters = await everyLetter(app, queue);
    if (letters.length !== deadLetters) {
      throw new Error(`Queue ${queue} counts ${deadLetters} dead letters, and shows ${letters.length}`);
    }
    for (const { record, id } of letters) {
      ledger.write(deadLetterEvent(record, queue, id));
    }
  }
  // Where depths are not told by state the server itself knows what else it holds.
  const { capabilities } = await app.broker.driver();
  if (capabilities.counts.inFlight) return;
  const inFlight = await stage.waiting();
  ledger.write({ kind: "waiting", queue: "all others", ready: 0, delayed: 0, inFlight });
}

/** All dead letters of a queue. */
export async function everyLetter(app: Chicory, queue: string): Promise<readonly StoredDeadLetter[]> {
  const all: StoredDeadLetter[] = [];
  let after: string | undefined;
  do {
    const page = await app.broker.deadLetters(queue).list(after === undefined ? {} : { after });
    all.push(...page.letters);
    after = page.next;
  } while (after !== undefined);
  return all;
}
