import type { TaskContext } from "./task-context.js";

/** How an attempt ended, as middleware sees it. */
export type TaskOutcome =
  | { readonly ok: true; readonly value: unknown; readonly durationMs: number }
  | { readonly ok: false; readonly error: unknown; readonly durationMs: number };

/**
 * Code around every execution. Within one middleware the order is before, around, handler, around, after; several
 * nest in the order in which they were added, the first outermost.
 *
 * What `before` or `around` throws is the attempt's failure. What `after` throws is logged and changes nothing, since
 * the outcome is known by then.
 */
export interface Middleware {
  /** Called before the handler. */
  before?(context: TaskContext, input: unknown): void | Promise<void>;
  /** Calls the handler by `next`; its own result takes the place of the handler's. */
  around?(context: TaskContext, input: unknown, next: () => Promise<unknown>): Promise<unknown>;
  /** Called when the outcome is known, before it is settled. */
  after?(context: TaskContext, outcome: TaskOutcome): void | Promise<void>;
}
