/** What the command's exit code says. Documented; a code never changes its meaning. */
export const ExitCode = {
  OK: 0,
  /** Something went wrong while running: a module that throws, a refused task, a worker that could not go on. */
  FAILURE: 1,
  /** The command line, the config or the app module is not acceptable; trying again cannot help. */
  USAGE: 2,
  /** The broker cannot be reached, or refuses this user: a wrong address, a server that is down, a wrong password. */
  BROKER: 3,
} as const;

/** One of {@link ExitCode}. */
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
