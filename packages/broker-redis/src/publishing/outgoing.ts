import { randomBytes } from "node:crypto";
import { assertQueueName, ConfigError, type OutgoingMessage, UnsupportedError } from "@chicory/core";
import { capabilities } from "../capabilities.js";
import type { KeyBuilder } from "../keys.js";
import type { ScriptMessage } from "../scripts/publish.js";

/** Width of a counter in base 36, so that members of one process sort in the order in which they were made. */
const COUNTER_WIDTH = 9;

/** Turns messages into what scripts take. */
export class OutgoingMessages {
  readonly #keys: KeyBuilder;
  readonly #nonce = randomBytes(6).toString("base64url");
  #count = 0;

  constructor(keys: KeyBuilder) {
    this.#keys = keys;
  }

  /** Why this message cannot be sent at all, or undefined. */
  refusal(message: OutgoingMessage): Error | undefined {
    const { priority, notBefore, dedupeMs } = message;
    try {
      assertQueueName(message.queue);
    } catch (error) {
      return error instanceof Error ? error : new ConfigError(String(error));
    }
    if (!Number.isInteger(priority) || priority < 0 || priority >= capabilities.priorityLevels) {
      return new UnsupportedError(
        `Priority ${priority} is none of this broker's: use 0 to ${capabilities.priorityLevels - 1}`,
      );
    }
    if (notBefore !== undefined && !Number.isFinite(notBefore)) {
      return new ConfigError(`A message's time must be milliseconds since the epoch, and is ${notBefore}`);
    }
    if (notBefore !== undefined && notBefore - Date.now() > capabilities.delay.maxMs) {
      return new UnsupportedError("A message is delayed by more than 100 years: check the unit of its delay");
    }
    if (dedupeMs !== undefined && !(Number.isInteger(dedupeMs) && dedupeMs > 0)) {
      return new ConfigError(`dedupeMs must be a positive integer of milliseconds, and is ${dedupeMs}`);
    }
    return undefined;
  }

  /** Whether a message needs nothing but to be appended to its stream. */
  isPlain({ priority, notBefore, dedupeMs }: OutgoingMessage): boolean {
    return priority === 0 && notBefore === undefined && dedupeMs === undefined;
  }

  /** The message as the publishing scripts take it. */
  toScript(message: OutgoingMessage): ScriptMessage {
    const { id, queue, priority, notBefore, dedupeMs } = message;
    return {
      priority,
      dueAt: notBefore === undefined ? undefined : Math.ceil(notBefore),
      member: notBefore === undefined ? "" : this.#member(priority),
      dedupe: dedupeMs === undefined ? undefined : { key: this.#keys.dedupe(queue, id), ms: dedupeMs },
      body: toBytes(message.body),
    };
  }

  /**
   * A name for a message in the delayed set. Not its id: two messages of the same id are two messages, and the second
   * must not overwrite the first.
   */
  #member(priority: number): string {
    this.#count += 1;
    return `${priority}:${this.#nonce}${this.#count.toString(36).padStart(COUNTER_WIDTH, "0")}`;
  }
}

/** A body as a command takes it. */
export function toBytes(body: string | Uint8Array): string | Buffer {
  if (typeof body === "string" || Buffer.isBuffer(body)) return body;
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
}
