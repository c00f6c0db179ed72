import { DeliveryMode } from "../src/delivery-mode.js";
import type { Delivery } from "../src/driver/delivery.js";
import { defineTask, type TaskDefinition, type TaskHandler, type TaskOptions } from "../src/tasks/task-definition.js";
import type { Envelope } from "../src/wire/envelope.js";

/** A message of task "t" with some fields replaced. */
export function message(more: Partial<Envelope> = {}): Envelope {
  return { v: 1, id: "m-1", name: "t", input: { a: 1 }, retries: 0, enqueuedAt: 1_000, ...more };
}

/** A delivery of a body: an envelope, or text as it is. */
export function delivery(body: Envelope | string, more: Partial<Delivery> = {}): Delivery {
  const bytes = Buffer.from(typeof body === "string" ? body : JSON.stringify(body), "utf8");
  return { id: "1-0", queue: "q", body: bytes, deliveryCount: 1, redelivered: false, ...more };
}

/** A task named "t". */
export function task(options: TaskOptions = {}, handler: TaskHandler = () => undefined): TaskDefinition {
  return defineTask("t", options, handler, DeliveryMode.AT_LEAST_ONCE);
}
