import type { RuleName } from "./rule-name.js";

/** Findings of one rule that a scenario accepts. They are counted and reported, never dropped. */
export interface Allowance {
  readonly rule: RuleName;
  /** Most tasks (or facts, where a rule is not about tasks) that may show it. */
  readonly upTo: number;
  /** Why this is not a defect, such as "the server forgot what it had not written to disk". */
  readonly because: string;
}

/** What a run was told to keep to. What is left out is not checked, except where a default is named. */
export interface Terms {
  /** Most executions at once in one worker process and queue. */
  readonly concurrency?: number;
  /** Lease of a delivery in milliseconds: a lease may be lost within two of them after a fault. */
  readonly leaseMs?: number;
  /** Whether no fault of the run excuses that a live worker loses a lease. Default false. */
  readonly keepsLeases?: boolean;
  /** Milliseconds within which every send is settled one way or the other. */
  readonly publishTimeoutMs?: number;
  /** Hand-outs without a settlement after which a message is buried. */
  readonly maxDeliveries?: number;
  /** Most milliseconds between the time of a delayed task and its start, where no fault came between. */
  readonly lateMs?: number;
  /** Milliseconds by which a start may precede its time, since clocks are rounded. Default 2. */
  readonly earlyMs?: number;
  /**
   * Whether one message makes one dead letter, whatever breaks, and one chain of attempts (Redis), or at least one
   * (RabbitMQ). Default "exactly-once".
   */
  readonly deadLetters?: "exactly-once" | "at-least-once";
  /**
   * Whether a settlement that a worker saw succeed was taken for certain (Redis), or may have been lost with the
   * connection (RabbitMQ, which does not answer acks). Default "confirmed".
   */
  readonly settlements?: "confirmed" | "unconfirmed";
  /** Default: none. */
  readonly allowances?: readonly Allowance[];
}
