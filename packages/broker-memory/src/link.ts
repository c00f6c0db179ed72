import { ClosedError, ConnectionError } from "@chicory/core";
import type { MemoryServer } from "./memory-server.js";

/** A call that the server did not answer. `sent` is false if it certainly was not carried out. */
export class UnansweredError extends ConnectionError {
  readonly sent: boolean;

  constructor(message: string, sent: boolean) {
    super(message);
    this.sent = sent;
  }
}

/** What every call after `close` rejects with. */
export function closedError(): ClosedError {
  return new ClosedError("This driver of the embedded broker was closed: create a new one");
}

/** What a crashed process would see: nothing, any more. */
const CRASHED = "The process of this driver was made to crash";

/**
 * One driver's connection to the server, with the faults that a real one has. It is connected whenever the server
 * runs and the link is neither cut off nor closed.
 */
export class Link {
  readonly server: MemoryServer;
  readonly #onBreak = new Set<(error: Error) => void>();
  readonly #forget: () => void;
  #state: "open" | "isolated" | "crashed" | "closed" = "open";
  #generation = 0;

  constructor(server: MemoryServer) {
    this.server = server;
    this.#forget = server.onCut(() =>
      this.#break(new UnansweredError("The connection to the embedded broker was cut", true)),
    );
  }

  /**
   * Carries out one atomic step on the server and returns its result. Rejects with an {@link UnansweredError} if the
   * link breaks before the answer is back, and with a `ClosedError` after `close`.
   */
  async call<T>(step: () => T): Promise<T> {
    this.#check();
    const generation = this.#generation;
    await this.server.transit.step();
    if (generation !== this.#generation) {
      // The request was under way: it may have been carried out before the link broke, or not at all.
      if (this.#state !== "closed" && this.server.transit.flip()) step();
      throw this.#broken();
    }
    const result = step();
    await this.server.transit.step();
    if (generation !== this.#generation) throw this.#broken();
    return result;
  }

  /** Throws what a call rejects with before anything is sent. */
  #check(): void {
    switch (this.#state) {
      case "closed":
        throw closedError();
      case "crashed":
        throw new ClosedError(CRASHED);
      case "isolated":
        throw new UnansweredError("The embedded broker cannot be reached: the driver is isolated", false);
      case "open":
        if (!this.server.running) throw new UnansweredError("The embedded broker was stopped", false);
    }
  }

  /** Calls `broken` when the link breaks, until the returned function is called. */
  onBreak(broken: (error: Error) => void): () => void {
    this.#onBreak.add(broken);
    return () => this.#onBreak.delete(broken);
  }

  /** Lets nothing pass until the returned function is called. */
  isolate(): () => void {
    if (this.#state !== "open") return () => undefined;
    this.#state = "isolated";
    this.#break(new UnansweredError("The embedded broker did not answer: the driver is isolated", true));
    return () => {
      if (this.#state === "isolated") this.#state = "open";
    };
  }

  /** Ends the link as the death of a process would. */
  crash(): void {
    this.#state = "crashed";
    this.#break(new ClosedError(CRASHED));
    this.#forget();
  }

  /** Ends the link. May be called twice. */
  close(): void {
    this.#state = this.#state === "crashed" ? "crashed" : "closed";
    this.#forget();
  }

  #broken(): Error {
    if (this.#state === "crashed") return new ClosedError(CRASHED);
    return new UnansweredError("The connection to the embedded broker broke before it answered", true);
  }

  #break(error: Error): void {
    this.#generation += 1;
    for (const broken of [...this.#onBreak]) broken(error);
  }
}
