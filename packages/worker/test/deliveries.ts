import type { Delivery, Envelope, Run, TaskDefinition } from "@chicory/core";
import { DeliveryMode } from "@chicory/core";
import type { Outcome } from "../src/execution/outcome.js";

let made = 0;

/** A delivery of a body, an envelope or text, with some fields replaced. */
export function delivery(body: Partial<Envelope> | string = {}, more: Partial<Delivery> = {}): Delivery {
  made += 1;
  const text = typeof body === "string" ? body : JSON.stringify(envelope(body));
  return { id: `${made}-0`, queue: "q", body: Buffer.from(text), deliveryCount: 1, redelivered: false, ...more };
}

/** An envelope of task "t". */
function envelope(more: Partial<Envelope> = {}): Envelope {
  return { v: 1, id: `m-${made}`, name: "t", retries: 0, enqueuedAt: 1_000, ...more };
}

/** The run of a delivery, for parts that do not look at its task. */
export function run(more: Partial<Run> = {}): Run {
  const task: TaskDefinition = {
    name: "t",
    queue: "q",
    priority: 0,
    mode: DeliveryMode.AT_LEAST_ONCE,
    retry: {
      maxRetries: 0,
      delayMs: 0,
      backoff: "fixed",
      maxDelayMs: 0,
      jitter: false,
      retryOn: undefined,
      ignoreOn: [],
    },
    timeoutMs: undefined,
    schema: undefined,
    handler: () => undefined,
  };
  return { kind: "run", delivery: delivery(), task, message: envelope(), mode: DeliveryMode.AT_LEAST_ONCE, ...more };
}

/** The outcome of a task that returned. */
export function success(): Outcome {
  const done = run();
  return { kind: "succeeded", settlement: { kind: "ack", delivery: done.delivery }, run: done, durationMs: 1 };
}
