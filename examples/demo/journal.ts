import type { Sent } from "@chicory/core";
import type { Worker } from "@chicory/worker";
import { paint, say } from "./screen.js";

/** One start of a task. */
export interface Start {
  readonly id: string;
  readonly name: string;
  readonly at: number;
}

/** Shows what the producer and the worker do, and notes it for the summary. */
export class Journal {
  readonly sent: string[] = [];
  readonly starts: Start[] = [];
  readonly succeeded: string[] = [];
  readonly retried: string[] = [];
  readonly deadLettered: string[] = [];

  /** Notes what was sent, and returns it. */
  noteSent(name: string, sent: Sent, note = ""): Sent {
    this.sent.push(name);
    say("producer", `stored ${label(name, sent.id)} in queue ${sent.queue}${note}`);
    return sent;
  }

  watch(worker: Worker): void {
    worker.on("started", ({ id, name, queue, attempt }) => {
      this.starts.push({ id, name, at: Date.now() });
      say("worker", `runs ${label(name, id)} of queue ${queue}, attempt ${attempt}`);
    });
    worker.on("succeeded", ({ id, name, durationMs }) => {
      this.succeeded.push(name);
      say("worker", `${paint("green", "done")} ${label(name, id)} in ${Math.round(durationMs)} ms`);
    });
    worker.on("retried", ({ id, name, error, delayMs }) => {
      this.retried.push(name);
      say("worker", `${paint("yellow", "failed")} ${label(name, id)}: ${text(error)}; again in ${delayMs} ms`);
    });
    worker.on("deadLettered", ({ id, name, reason, error }) => {
      this.deadLettered.push(name ?? "?");
      say("worker", `${paint("red", "dead letter")} ${label(name ?? "?", id ?? "?")}: ${text(error)} (${reason})`);
    });
  }

  /** Tasks that have come to their end, one way or the other. */
  get ended(): number {
    return this.succeeded.length + this.deadLettered.length;
  }
}

function label(name: string, id: string): string {
  return `${paint("cyan", name)} ${id.slice(0, 6)}`;
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
