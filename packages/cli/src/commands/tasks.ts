import type { DeliveryMode, TaskDefinition } from "@chicory/core";
import type { CommandModule } from "yargs";
import { loadApp } from "../app/load-app.js";
import { table } from "../output/table.js";
import { type AppArguments, withAppArguments } from "./app-arguments.js";
import type { CommandContext } from "./command-context.js";
import { type JsonArgument, withJson } from "./json-argument.js";

/** What `chicory tasks --json` prints. */
export interface TasksDocument {
  /** In the order of definition. */
  readonly tasks: readonly TaskEntry[];
}

/** One task as it is defined. Times are milliseconds. */
export interface TaskEntry {
  readonly name: string;
  readonly queue: string;
  readonly priority: number;
  readonly deliveryMode: DeliveryMode;
  readonly maxRetries: number;
  readonly timeoutMs: number | null;
  /** Whether the task has a schema for its input. */
  readonly validated: boolean;
}

/** `chicory tasks`: what the app defines. It needs no broker. */
export function tasksCommand(context: CommandContext): CommandModule<object, AppArguments & JsonArgument> {
  return {
    command: "tasks <app>",
    describe: "Show the tasks that the app defines",
    builder: (yargs) => withJson(withAppArguments(yargs)).example("$0 tasks tasks:app", "A table of all tasks"),
    handler: async (args) => {
      const { app } = await loadApp(args.app, context.surroundings.directory);
      const tasks = app.tasks.all().map(toEntry);
      if (args.json) await context.terminal.printJson({ tasks } satisfies TasksDocument);
      else await context.terminal.print(render(tasks, context));
    },
  };
}

function toEntry({ name, queue, priority, mode, retry, timeoutMs, schema }: TaskDefinition): TaskEntry {
  return {
    name,
    queue,
    priority,
    deliveryMode: mode,
    maxRetries: retry.maxRetries,
    timeoutMs: timeoutMs ?? null,
    validated: schema !== undefined,
  };
}

function render(tasks: readonly TaskEntry[], { terminal }: CommandContext): string {
  if (tasks.length === 0) return "The app defines no tasks.\n";
  const columns = [
    { title: "task" },
    { title: "queue" },
    { title: "delivery mode" },
    { title: "priority", align: "right" },
    { title: "retries", align: "right" },
    { title: "timeout", align: "right" },
    { title: "schema" },
  ] as const;
  const rows = tasks.map((task) => [
    task.name,
    task.queue,
    task.deliveryMode,
    String(task.priority),
    String(task.maxRetries),
    task.timeoutMs === null ? "none" : `${task.timeoutMs} ms`,
    task.validated ? "yes" : "no",
  ]);
  return table(columns, rows, terminal.paint);
}
