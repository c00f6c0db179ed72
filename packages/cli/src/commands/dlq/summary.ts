import type { DeadLetterReason, DeadLetters } from "@chicory/core";
import type { CommandModule } from "yargs";
import { cut } from "../../output/plain-text.js";
import { table } from "../../output/table.js";
import type { CommandContext } from "../command-context.js";
import { withApp } from "../with-app.js";
import { showTime } from "./dead-letter-entry.js";
import { fingerprint } from "./fingerprint.js";
import { type QueueArguments, withQueueArguments } from "./queue-argument.js";

/** What `chicory dlq summary --json` prints. */
export interface SummaryDocument {
  readonly queue: string;
  /** How many letters were looked at. */
  readonly examined: number;
  /** Whether there are more letters than are looked at. */
  readonly truncated: boolean;
  /** Largest first. */
  readonly groups: readonly SummaryGroup[];
}

/** Dead letters with the same cause. Times are milliseconds since the epoch. */
export interface SummaryGroup {
  readonly count: number;
  readonly taskName: string | null;
  readonly reason: DeadLetterReason;
  /** The error without its numbers, ids and quoted text; empty if there was none. */
  readonly error: string;
  readonly firstFailedAt: number;
  readonly lastFailedAt: number;
  /** One of them, for `dlq show`. */
  readonly exampleId: string;
}

/** Letters that are looked at: at a page a millisecond or two, a few seconds. */
const MAX_EXAMINED = 10_000;
const PAGE_SIZE = 100;
const MAX_ERROR_LENGTH = 80;

/** `chicory dlq summary`: how many dead letters share a cause. */
export function summaryCommand(context: CommandContext): CommandModule<object, QueueArguments> {
  return {
    command: "summary <app>",
    describe: "Group dead letters by task, reason and error",
    builder: (yargs) =>
      withQueueArguments(yargs).example(
        "$0 dlq summary tasks:app --queue emails",
        "A few causes instead of many letters",
      ),
    handler: async (args) => {
      await withApp(context, args, async (app) => {
        const document = { queue: args.queue, ...(await summarize(app.broker.deadLetters(args.queue))) };
        if (args.json) await context.terminal.printJson(document satisfies SummaryDocument);
        else await render(document, context);
      });
    },
  };
}

async function summarize(letters: DeadLetters): Promise<Omit<SummaryDocument, "queue">> {
  const groups = new Map<string, SummaryGroup>();
  let examined = 0;
  let after: string | undefined;
  do {
    const page = await letters.list(after === undefined ? { limit: PAGE_SIZE } : { limit: PAGE_SIZE, after });
    for (const { id, record } of page.letters) {
      const { taskName = null, reason, failedAt } = record;
      const error = fingerprint(record);
      const key = JSON.stringify([taskName, reason, error]);
      const { count = 0, firstFailedAt = failedAt, lastFailedAt = failedAt } = groups.get(key) ?? {};
      groups.set(key, {
        count: count + 1,
        taskName,
        reason,
        error,
        firstFailedAt: Math.min(firstFailedAt, failedAt),
        lastFailedAt: Math.max(lastFailedAt, failedAt),
        exampleId: id,
      });
    }
    examined += page.letters.length;
    after = page.next;
  } while (after !== undefined && examined < MAX_EXAMINED);
  const sorted = [...groups.values()].sort((a, b) => b.count - a.count);
  return { examined, truncated: after !== undefined, groups: sorted };
}

async function render(document: SummaryDocument, { terminal }: CommandContext): Promise<void> {
  const { queue, examined, truncated, groups } = document;
  if (groups.length === 0) {
    await terminal.print(`There are no dead letters of queue ${queue}.\n`);
    return;
  }
  const columns = [
    { title: "count", align: "right" },
    { title: "task" },
    { title: "reason" },
    { title: "last failed at" },
    { title: "error" },
    { title: "example" },
  ] as const;
  const rows = groups.map((group) => [
    String(group.count),
    group.taskName ?? "(unknown)",
    group.reason,
    showTime(group.lastFailedAt),
    cut(group.error, MAX_ERROR_LENGTH),
    group.exampleId,
  ]);
  await terminal.print(table(columns, rows, terminal.paint));
  if (truncated) await terminal.note(`Only the ${examined} oldest letters were looked at\n`);
}
