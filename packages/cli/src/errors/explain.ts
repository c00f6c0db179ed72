import {
  AccessError,
  BrokerError,
  ChicoryError,
  ConfigError,
  ConnectionError,
  InvalidInputError,
  NotSerializableError,
  PublishError,
  WorkerError,
} from "@chicory/core";
import { CommandError } from "./command-error.js";
import { ExitCode } from "./exit-code.js";
import { redactUrls } from "./redact.js";

/** A failure as the command reports it. */
export interface Explanation {
  /** One sentence, without a secret. */
  readonly message: string;
  readonly exitCode: ExitCode;
  /** Stack with those of the causes, for `--log-level debug`; undefined if there is none. */
  readonly stack: string | undefined;
}

/** Most causes that are followed: errors can be each other's cause. */
const MAX_CAUSES = 5;

/** The one place that turns an error into a sentence and an exit code. */
export function explain(error: unknown): Explanation {
  return { message: redactUrls(sentence(error)), exitCode: exitCodeOf(error), stack: stackOf(error) };
}

function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CommandError) return error.exitCode;
  if (error instanceof ConfigError || error instanceof InvalidInputError || error instanceof NotSerializableError) {
    return ExitCode.USAGE;
  }
  if (error instanceof ConnectionError || error instanceof AccessError) return ExitCode.BROKER;
  // These two only pass on what the broker said.
  const passedOn = error instanceof PublishError || error instanceof WorkerError;
  if (passedOn && error.cause instanceof BrokerError) return exitCodeOf(error.cause);
  return ExitCode.FAILURE;
}

function sentence(error: unknown): string {
  if (error instanceof CommandError || error instanceof ChicoryError) return withReason(error);
  if (error instanceof Error) return `${error.name}: ${error.message}`;
  return `A value was thrown that is no Error (${typeof error})`;
}

/** A config error about a package that fails while it is loaded says why only in its cause. */
function withReason(error: Error): string {
  const { cause } = error;
  if (!(error instanceof ConfigError) || !(cause instanceof Error) || !error.message.endsWith("while it is loaded")) {
    return error.message;
  }
  return `${error.message}: ${cause.message}`;
}

function stackOf(error: unknown): string | undefined {
  const stacks: string[] = [];
  let current = error;
  for (let depth = 0; depth < MAX_CAUSES && current instanceof Error; depth++) {
    stacks.push(current.stack ?? `${current.name}: ${current.message}`);
    current = current.cause;
  }
  return stacks.length === 0 ? undefined : redactUrls(stacks.join("\nCaused by: "));
}
