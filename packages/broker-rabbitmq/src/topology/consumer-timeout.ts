import { isAtLeast, type ServerVersion } from "../connection/server-version.js";
import type { QueueSettings } from "./queue-settings.js";

/** What a server waits for an acknowledgement if nobody set another `consumer_timeout`, in milliseconds. */
const DEFAULT_CONSUMER_TIMEOUT_MS = 1_800_000;

/** The server looks once a minute, and a delivery waits a moment before its task begins and after it ended. */
const MARGIN_MS = 120_000;

const DAY_MS = 86_400_000;

/** How long a server is to wait for acknowledgements, and what is to be said about it. */
export interface ConsumerTimeout {
  /** For the declaration of the queue; undefined where the server's own limit is to hold. */
  readonly queueArgument?: number;
  /** For the subscription, where the server takes it: it goes before everything else, and no queue drifts by it. */
  readonly consumerArgument?: number;
  /** Why a task may run longer than the server waits, and what to do. */
  readonly warning?: string;
}

/** What {@link consumerTimeout} decides by. */
export interface ConsumerTimeoutQuestion {
  readonly queue: string;
  readonly settings: Pick<QueueSettings, "queueType" | "consumerTimeoutMs">;
  readonly version: ServerVersion | undefined;
  /** How long a task of the consumer's worker may take; undefined for a publisher, which runs none. */
  readonly longestTaskMs: number | undefined;
  /** Whether the queue was there already, so that no declaration changes how long its server waits. */
  readonly exists: boolean;
}

/**
 * Decides how long the server is to wait for acknowledgements: as long as config says; else, where a task may run longer
 * than the server's default, long enough for it, in whole days. A queue keeps what it was first declared with, and no
 * policy can raise that, so the room is for tasks that are given more time later, and for those of other workers. The
 * limit is never lowered for tasks that are short: what ends a task in time is its worker.
 */
export function consumerTimeout(question: ConsumerTimeoutQuestion): ConsumerTimeout {
  const { queue, settings, version, longestTaskMs = 0, exists } = question;
  const { queueType, consumerTimeoutMs: configured } = settings;
  // From 4.3 on it is the quorum queue that waits: classic ones wait for ever, and refuse the argument.
  const byConsumer = isAtLeast(version, 4, 3);
  if (byConsumer && queueType === "classic") return {};
  const needed = longestTaskMs + MARGIN_MS;
  const limit = configured ?? DEFAULT_CONSUMER_TIMEOUT_MS;
  if (needed <= limit) return argumentsFor(configured, byConsumer);
  const tasks = `A task may run for ${longestTaskMs} ms, and RabbitMQ takes what is not acknowledged within ${limit} ms away from its worker`;
  if (configured !== undefined) {
    const warning = `${tasks}: raise consumerTimeoutMs to at least ${needed}, or give the task a shorter timeoutMs`;
    return { ...argumentsFor(configured, byConsumer), warning };
  }
  const days = Math.ceil(needed / DAY_MS) * DAY_MS;
  if (byConsumer) return { consumerArgument: days };
  if (!isAtLeast(version, 3, 12)) {
    return {
      warning: `${tasks} unless its rabbitmq.conf says otherwise: set consumer_timeout there, and consumerTimeoutMs to the same, which ends this warning (servers from 3.12 on are told by themselves)`,
    };
  }
  if (!exists) return { queueArgument: days };
  return {
    queueArgument: days,
    warning: `${tasks} unless queue "${queue}" was declared with x-consumer-timeout, which AMQP cannot tell of a queue that is there already: set consumerTimeoutMs to what it has, which ends this warning; or drain and delete the queue, so that it is declared anew`,
  };
}

function argumentsFor(ms: number | undefined, byConsumer: boolean): ConsumerTimeout {
  if (ms === undefined) return {};
  return byConsumer ? { consumerArgument: ms } : { queueArgument: ms };
}
