import type { Surroundings, Terminal } from "../output/terminal.js";

/** What every command gets besides its arguments. */
export interface CommandContext {
  readonly terminal: Terminal;
  readonly surroundings: Surroundings;
  /** The arguments as they were typed, for a worker that starts itself again as several processes. */
  readonly args: readonly string[];
}
