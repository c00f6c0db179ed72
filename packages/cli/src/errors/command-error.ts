import { ExitCode } from "./exit-code.js";

/** The command cannot do what it was asked. The message is a sentence for the person at the terminal. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly exitCode: ExitCode;

  constructor(message: string, options: ErrorOptions & { readonly exitCode?: ExitCode } = {}) {
    super(message, options);
    this.exitCode = options.exitCode ?? ExitCode.FAILURE;
  }
}

/** What was typed, or what it names, is not acceptable. */
export class UsageError extends CommandError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, { ...options, exitCode: ExitCode.USAGE });
  }
}
