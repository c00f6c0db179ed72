// The documents that `--json` prints, and the exit codes, for programs that run the command.

export type { ConfigDocument, ConfigEntry } from "./commands/config.js";
export type { DeadLetterEntry } from "./commands/dlq/dead-letter-entry.js";
export type { DeadLetterBody } from "./commands/dlq/letter-body.js";
export type { DeadLettersDocument } from "./commands/dlq/list.js";
export type { RemovedDocument } from "./commands/dlq/remove.js";
export type { ReplayDocument } from "./commands/dlq/replay.js";
export type { DeadLetterDocument } from "./commands/dlq/show.js";
export type { SummaryDocument, SummaryGroup } from "./commands/dlq/summary.js";
export type { QueuesDocument } from "./commands/queues.js";
export type { SentDocument } from "./commands/send.js";
export type { TaskEntry, TasksDocument } from "./commands/tasks.js";
export { ExitCode } from "./errors/exit-code.js";
