import { type Chicory, type ConfigOrigin, type ResolvedOption, resolveSection } from "@chicory/core";
import type { Argv, CommandModule } from "yargs";
import { loadApp } from "../app/load-app.js";
import { loadWorkerPackage } from "../app/worker-package.js";
import { UsageError } from "../errors/command-error.js";
import { redactUrls } from "../errors/redact.js";
import { table } from "../output/table.js";
import { type AppArguments, withAppArguments } from "./app-arguments.js";
import type { CommandContext } from "./command-context.js";
import { type JsonArgument, withJson } from "./json-argument.js";

/** What `chicory config --json` prints. */
export interface ConfigDocument {
  /** Name of the broker, such as "redis". */
  readonly broker: string;
  /** Options of the app, the broker and the worker; without those of a driver that was made in code. */
  readonly options: readonly ConfigEntry[];
}

/** One option. */
export interface ConfigEntry {
  /** Where it stands in a config object: "broker.redis.port". */
  readonly path: string;
  /** Null if it is not set, "[redacted]" if it is secret; user and password of a URL are left out. */
  readonly value: unknown;
  readonly origin: ConfigOrigin;
  /** The environment variable that can set it. */
  readonly variable: string;
  readonly secret: boolean;
  readonly description: string | null;
}

interface ConfigArguments extends AppArguments, JsonArgument {
  readonly showOrigin: boolean | undefined;
}

/** `chicory config`: every option with its value, without connecting to anything. */
export function configCommand(context: CommandContext): CommandModule<object, ConfigArguments> {
  return {
    command: "config <app>",
    describe: "Show every option of app, broker and worker",
    builder: (yargs) =>
      // yargs adds the name in camel case, of which its types know nothing.
      withJson(withAppArguments(yargs))
        .option("show-origin", { type: "boolean", describe: "Show where each value comes from and how to set it" })
        .example("$0 config tasks:app --show-origin", "What holds, and why") as unknown as Argv<ConfigArguments>,
    handler: async (args) => {
      const { terminal, surroundings } = context;
      const { app, path } = await loadApp(args.app, surroundings.directory);
      try {
        const worker = await workerOptions(app, path);
        const resolved = await app.describeConfig();
        const { name: broker } = await app.broker.driver();
        const document: ConfigDocument = { broker, options: [...resolved, ...(worker ?? [])].map(toEntry) };
        if (args.json) await terminal.printJson(document);
        else await terminal.print(render(document, args.showOrigin === true, context));
        if (!resolved.some(({ path: option }) => option.startsWith("broker."))) {
          await terminal.note(
            `The options of the broker ${broker} were given to its driver in code and are not shown\n`,
          );
        }
        if (worker === undefined)
          await terminal.note("Options of the worker are not shown: @chicory/worker is not installed\n");
      } finally {
        await app.close();
      }
    },
  };
}

async function workerOptions(app: Chicory, appPath: string): Promise<readonly ResolvedOption[] | undefined> {
  try {
    const { workerSection } = await loadWorkerPackage(appPath);
    return resolveSection(workerSection, { configured: app.config.worker }).options;
  } catch (error) {
    // A producer alone has no worker package, and its config is worth showing all the same.
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}

function toEntry({ path, value, origin, variable, secret, description }: ResolvedOption): ConfigEntry {
  return { path, value: toShown(value, secret), origin, variable, secret, description: description ?? null };
}

function toShown(value: unknown, secret: boolean): unknown {
  if (value === undefined || value === null) return null;
  if (secret) return "[redacted]";
  if (typeof value === "string") return redactUrls(value);
  return Array.isArray(value) ? value.map((item: unknown) => toShown(item, false)) : value;
}

function render({ broker, options }: ConfigDocument, withOrigin: boolean, { terminal }: CommandContext): string {
  const columns = [
    { title: "option" },
    { title: "value" },
    ...(withOrigin ? [{ title: "origin" }, { title: "variable" }] : []),
  ];
  const rows = options.map(({ path, value, origin, variable }) => [
    path,
    value === null ? "(not set)" : typeof value === "string" ? value : JSON.stringify(value),
    origin,
    variable,
  ]);
  return `broker: ${broker}\n\n${table(
    columns,
    rows.map((row) => row.slice(0, columns.length)),
    terminal.paint,
  )}`;
}
