import {
  type BrokerDriver,
  type ConsumeOptions,
  type Consumer,
  type OutgoingMessage,
  PublishError,
  type PublishFailure,
  type QueueAdmin,
} from "@chicory/core";
import { CAPABILITIES } from "./capabilities.js";
import type { MemoryConfig } from "./config.js";
import { closedError, Link, UnansweredError } from "./link.js";
import { MemoryAdmin } from "./memory-admin.js";
import { MemoryConsumer } from "./memory-consumer.js";
import type { MemoryServer } from "./memory-server.js";
import { bytesOf } from "./stored-message.js";

/**
 * A driver of the embedded broker: what one process has of it. Besides the contract it can be made to crash and to
 * lose its connection, for tests of what happens then.
 */
export class MemoryDriver implements BrokerDriver {
  readonly name = "memory";
  readonly capabilities = CAPABILITIES;
  readonly admin: QueueAdmin;
  readonly server: MemoryServer;
  readonly #link: Link;
  readonly #config: Pick<MemoryConfig, "leaseMs" | "maxLength">;
  readonly #consumers = new Set<MemoryConsumer>();
  readonly #publishes = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  constructor(server: MemoryServer, config: Pick<MemoryConfig, "leaseMs" | "maxLength">) {
    this.server = server;
    this.#config = config;
    this.#link = new Link(server);
    this.admin = new MemoryAdmin(this.#link);
  }

  async connect(signal?: AbortSignal): Promise<void> {
    this.#assertOpen();
    signal?.throwIfAborted();
    await this.#link.call(() => undefined);
  }

  async publish(messages: readonly OutgoingMessage[]): Promise<void> {
    this.#assertOpen();
    const failures = this.#publish(messages);
    this.#publishes.add(failures);
    try {
      const refused = await failures;
      if (refused.length > 0) throw new PublishError(refused);
    } finally {
      this.#publishes.delete(failures);
    }
  }

  async consume(queue: string, options: ConsumeOptions): Promise<Consumer> {
    this.#assertOpen();
    const session = await this.#link.call(() => this.server.open(queue, this.#config.leaseMs));
    const consumer: MemoryConsumer = new MemoryConsumer(this.#link, session, options, () =>
      this.#consumers.delete(consumer),
    );
    this.#consumers.add(consumer);
    return consumer;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Simulates the death of this driver's process: nothing is given back, and nothing more is heard of it. */
  crash(): void {
    this.#link.crash();
    for (const consumer of this.#consumers) consumer.crash();
    this.#consumers.clear();
  }

  /** Simulates a network that is parted: nothing passes until the returned function is called. */
  isolate(): () => void {
    return this.#link.isolate();
  }

  async #publish(messages: readonly OutgoingMessage[]): Promise<readonly PublishFailure[]> {
    // Copied now: the caller may write into its bytes as soon as it has them back.
    const copies = messages.map((message) => ({ ...message, body: bytesOf(message) }));
    try {
      const failures = await this.#link.call(() => this.server.publish(copies, this.#config.maxLength));
      return failures.map((failure) => ({ ...failure, message: originalOf(failure, copies, messages) }));
    } catch (error) {
      if (!(error instanceof UnansweredError)) throw error;
      const outcome = error.sent ? "unknown" : "rejected";
      return messages.map((message) => ({ message, outcome, cause: error }));
    }
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#consumers].map((consumer) => consumer.close()));
    // Bounded without a timer: a call of this broker is answered within some turns of the event loop, or fails.
    await Promise.allSettled(this.#publishes);
    this.#link.close();
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw closedError();
  }
}

function originalOf(
  failure: PublishFailure,
  copies: readonly OutgoingMessage[],
  originals: readonly OutgoingMessage[],
): OutgoingMessage {
  return originals[copies.indexOf(failure.message)] ?? failure.message;
}
