import { codeOf } from "../errors.js";

const TOO_LARGE = /message size \d+ is larger than configured max size (\d+)/;

/**
 * The largest body that the server takes, in bytes. AMQP does not tell it beforehand: the server ends the channel at
 * the first message that is larger, without a word about which it was, and the limit stands in what it says then. It
 * holds for one connection, since a server must be started anew to get another.
 */
export class SizeLimit {
  #generation: number | undefined;
  #bytes = Number.POSITIVE_INFINITY;

  /** What is known of it on the connection of this number. */
  on(generation: number): number {
    return this.#generation === generation ? this.#bytes : Number.POSITIVE_INFINITY;
  }

  /** Looks whether the server tells its limit in an error that ended a channel. */
  learn(error: Error, generation: number): void {
    const [, bytes] = codeOf(error.cause) === "PRECONDITION_FAILED" ? (TOO_LARGE.exec(error.message) ?? []) : [];
    if (bytes === undefined) return;
    this.#generation = generation;
    this.#bytes = Number(bytes);
  }
}
