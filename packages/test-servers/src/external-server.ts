import type { ControlledServer } from "./managed-server.js";
import { TestServerError } from "./test-server-error.js";

/** A server that somebody else runs: it can be used, and nothing can be done to it. */
export class ExternalServer implements ControlledServer {
  readonly source = "url";
  readonly pid = undefined;
  readonly #product: string;
  readonly #variable: string;

  constructor(product: string, variable: string) {
    this.#product = product;
    this.#variable = variable;
  }

  async logTail(): Promise<string> {
    return "";
  }

  /** Leaves the server running: it is not ours. */
  async stop(): Promise<void> {}

  kill(): Promise<void> {
    return this.#refuse("killed");
  }

  pause(): Promise<void> {
    return this.#refuse("paused");
  }

  resume(): Promise<void> {
    return this.#refuse("resumed");
  }

  restart(): Promise<void> {
    return this.#refuse("restarted");
  }

  async #refuse(action: string): Promise<never> {
    throw new TestServerError(
      `The ${this.#product} of ${this.#variable} cannot be ${action} by a test. ` +
        `Unset ${this.#variable} to let the test start a server of its own.`,
    );
  }
}
