import { ExitCode } from "../errors/exit-code.js";

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/**
 * Signals that come before a worker runs, and how many come after. A process that loads its app holds nothing that
 * must be given back, so a signal then ends it; as process 1 of a container it would not even do that by default. It
 * listens until the process ends: a signal while the last things are closed must not cut that short.
 */
export class ProcessSignals {
  #counting = false;
  #count = 0;
  readonly #listener = () => {
    if (!this.#counting) process.exit(ExitCode.OK);
    this.#count += 1;
  };

  constructor() {
    for (const signal of SIGNALS) process.on(signal, this.#listener);
  }

  /** From now on signals are counted only: somebody else acts on them. */
  count(): void {
    this.#counting = true;
  }

  /** Whether a second signal asked to stop at once. */
  get hurried(): boolean {
    return this.#count > 1;
  }
}
