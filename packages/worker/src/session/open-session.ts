import type { BrokerDriver, Delivery } from "@chicory/core";
import { AtMostOnceGate } from "../execution/at-most-once-gate.js";
import type { Executor } from "../execution/executor.js";
import type { InFlight } from "../execution/in-flight.js";
import type { LookAhead } from "../execution/look-ahead.js";
import { messageOf } from "../execution/outcome.js";
import { SettlementWriter } from "../execution/settlement-writer.js";
import type { Outage } from "../outage.js";
import type { ResolvedQueue } from "../queue-spec.js";
import type { Reporter } from "../reporter.js";
import { Fetcher } from "./fetcher.js";
import { Session } from "./session.js";

/** What a session is wired to. */
export interface SessionSurroundings {
  readonly queue: ResolvedQueue;
  /** Name of the worker. */
  readonly worker: string;
  /** How long a task may take, in milliseconds. */
  readonly longestTaskMs: number;
  /** Whether it may ever hold more than the concurrency. */
  readonly fetchesAhead: boolean;
  readonly lookAhead: LookAhead;
  readonly reporter: Reporter;
  readonly fetching: Outage;
  readonly settling: Outage;
  readonly inFlight: InFlight;
  readonly executor: Executor;
  readonly room: () => number;
  readonly onDeliveries: (deliveries: readonly Delivery[]) => void;
  readonly onClosed: () => void;
  readonly onProgress: () => void;
}

/** Opens a consumer and wires it to its queue's executor. Rejects with the driver's error. */
export async function openSession(driver: BrokerDriver, surroundings: SessionSurroundings): Promise<Session> {
  const { queue, worker, longestTaskMs, fetchesAhead, reporter, inFlight, executor, onProgress } = surroundings;
  const { concurrency } = queue;
  let lose: (deliveries: readonly Delivery[]) => void = () => undefined;
  const consumer = await driver.consume(queue.name, {
    worker,
    credits: fetchesAhead ? concurrency * 2 : concurrency,
    longestTaskMs,
    onLost: (deliveries) => lose(deliveries),
  });
  const abort = new AbortController();
  const settle = consumer.settle.bind(consumer);
  const onUnsettled = (error: unknown) => reporter.queueError(error, "Settlements did not take, and are tried again");
  const writer = new SettlementWriter({
    settle,
    outage: surroundings.settling,
    onSettled: (outcome) => reporter.settled(outcome),
    onLost: (outcome) => reporter.lost(outcome.settlement.delivery, messageOf(outcome)),
    onError: onUnsettled,
    onProgress,
  });
  const gate = new AtMostOnceGate({
    settle,
    onTaken: (execution) => executor.pass(execution),
    onRefused: (execution, error) => executor.refuse(execution, error),
    onLost: (execution) => inFlight.lose(execution),
    onUnknown: (execution) => inFlight.giveBack(execution),
    onError: (error) => reporter.queueError(error, "Acks did not certainly take, and their tasks are not run"),
    onProgress,
  });
  const fetcher = new Fetcher({
    consumer,
    concurrency,
    signal: abort.signal,
    room: surroundings.room,
    isStocked: () => inFlight.waiting.length > concurrency - inFlight.slots.taken,
    lookAhead: surroundings.lookAhead,
    outage: surroundings.fetching,
    onDeliveries: surroundings.onDeliveries,
    onError: (error) => reporter.queueError(error, "A queue cannot be read"),
    onClosed: surroundings.onClosed,
    onProgress,
  });
  lose = (deliveries) => writer.lose(inFlight.loseDeliveries(deliveries));
  return new Session({ consumer, fetcher, writer, gate }, abort);
}
