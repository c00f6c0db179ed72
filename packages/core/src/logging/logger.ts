/** Writes one line: fields that vary, then a constant sentence. */
export type LogMethod = (fields: Readonly<Record<string, unknown>>, message: string) => void;

/**
 * What Chicory needs of a logger; a pino instance fits as it is. Libraries never write to the console themselves:
 * without a logger they are silent. Fields never hold a secret or a task's input.
 */
export interface Logger {
  readonly debug: LogMethod;
  readonly info: LogMethod;
  readonly warn: LogMethod;
  readonly error: LogMethod;
  child(fields: Readonly<Record<string, unknown>>): Logger;
}

const ignore: LogMethod = () => undefined;

/** Discards everything; the default. */
export const silentLogger: Logger = {
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: ignore,
  child: () => silentLogger,
};
