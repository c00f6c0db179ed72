import type { BrokerDriver } from "../src/driver/driver.js";
import type { OutgoingMessage } from "../src/driver/outgoing-message.js";
import type { QueueAdmin } from "../src/driver/queue-admin.js";
import { ClosedError, UnsupportedError } from "../src/errors/broker-error.js";

/** Answers a publish: returns to store, throws to fail. */
export type OnPublish = (messages: readonly OutgoingMessage[], call: number) => Promise<void> | void;

/** A driver that records batches and answers publishes as a test says. It has no queues and no consumers. */
export class FakeDriver implements BrokerDriver {
  readonly name = "fake";
  readonly capabilities = {
    priorityLevels: 10,
    delay: { precisionMs: 1, maxMs: 1e12 },
    durable: false,
    ordering: "fifo",
    settleConfirmed: true,
    countsDeliveries: true,
    atomicRetry: true,
    dedupe: true,
    ownership: "lease",
    routing: false,
    counts: { delayed: true, inFlight: true },
  } as const;
  readonly admin: QueueAdmin;
  /** Batches in the order in which they were published. */
  readonly batches: (readonly OutgoingMessage[])[] = [];
  connects = 0;
  closes = 0;
  readonly #onPublish: OnPublish;

  constructor(onPublish: OnPublish = () => undefined, admin: Partial<QueueAdmin> = {}) {
    this.#onPublish = onPublish;
    this.admin = admin as QueueAdmin;
  }

  async connect(): Promise<void> {
    this.connects += 1;
  }

  async publish(messages: readonly OutgoingMessage[]): Promise<void> {
    if (this.closes > 0) throw new ClosedError("closed");
    this.batches.push(messages);
    await this.#onPublish(messages, this.batches.length);
  }

  consume(): Promise<never> {
    return Promise.reject(new UnsupportedError("the fake has no consumers"));
  }

  async close(): Promise<void> {
    this.closes += 1;
  }
}

/** A promise that a test settles. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

/** An outgoing message with an id. */
export function outgoing(id: string, more: Partial<OutgoingMessage> = {}): OutgoingMessage {
  return { id, queue: "q", body: `{"${id}"}`, mode: "at-least-once", priority: 0, ...more };
}
