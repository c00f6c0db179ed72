import {
  BrokerError,
  ConnectionError,
  type OutgoingMessage,
  PublishError,
  type PublishFailure,
  QueueFullError,
} from "@chicory/core";
import type { Connection } from "./connection.js";
import { fromServerText, UnansweredError } from "./errors.js";
import type { KeyBuilder } from "./keys.js";
import type { Link } from "./link.js";
import { type OutgoingMessages, toBytes } from "./outgoing.js";
import type { QueueRegistry } from "./queue-registry.js";
import { appendBodies } from "./scripts/append.js";
import { FULL, NOT_REMEMBERED, publishMessages } from "./scripts/publish.js";
import type { ScriptProblem } from "./scripts/script-problem.js";

/** Most messages of one script call: about a millisecond of the server's time. */
const MAX_CALL_MESSAGES = 500;

/** Most characters of bodies in one call, unless a single one is larger. */
const MAX_CALL_BYTES = 1_048_576;

/** Calls on the way at once: the server works on one while the next is written. */
const MAX_CALLS = 4;

/** What a publisher works with. */
export interface PublisherOptions {
  readonly link: Link;
  readonly keys: KeyBuilder;
  readonly outgoing: OutgoingMessages;
  readonly registry: QueueRegistry;
  readonly address: string;
  /** Most messages that a queue may hold; 0 for no limit. */
  readonly maxLength: number;
}

/** Stores messages: one script call for a queue's part of a batch. Never sends one twice. */
export class Publisher {
  readonly #options: PublisherOptions;

  constructor(options: PublisherOptions) {
    this.#options = options;
  }

  /** Resolves when all are stored; rejects with a {@link PublishError} naming those that are not, or may not be. */
  async publish(messages: readonly OutgoingMessage[]): Promise<void> {
    const failures = new Map<OutgoingMessage, PublishFailure>();
    const fail = (message: OutgoingMessage, outcome: PublishFailure["outcome"], cause: Error) =>
      failures.set(message, { message, outcome, cause });

    const valid = messages.filter((message) => {
      const refusal = this.#options.outgoing.refusal(message);
      if (refusal !== undefined) fail(message, "rejected", refusal);
      return refusal === undefined;
    });
    let unreachable: Error | undefined;
    const calls: Promise<void>[] = [];
    for (const call of callsOf(valid)) {
      if (unreachable === undefined) {
        try {
          const connection = this.#options.link.current ?? (await this.#options.link.ready());
          calls.push(this.#send(connection, call, fail));
          // In order: the oldest call is back before another is written.
          if (calls.length >= MAX_CALLS) await calls.shift();
          continue;
        } catch (error) {
          unreachable = error instanceof Error ? error : new ConnectionError(String(error));
        }
      }
      for (const message of call) fail(message, "rejected", unreachable);
    }
    await Promise.all(calls);
    if (failures.size === 0) return;
    throw new PublishError(messages.flatMap((message) => failures.get(message) ?? []));
  }

  async #send(
    connection: Connection,
    messages: readonly OutgoingMessage[],
    fail: (message: OutgoingMessage, outcome: PublishFailure["outcome"], cause: Error) => void,
  ): Promise<void> {
    const [first] = messages;
    if (first === undefined) return;
    const { link, registry } = this.#options;
    try {
      registry.note(connection, first.queue);
      const problems = await this.#store(connection, first.queue, messages);
      for (const { index, text } of problems) {
        const message = messages[index];
        if (message === undefined) continue;
        const { outcome, cause } = this.#failure(message, text);
        fail(message, outcome, cause);
        link.reconsider(connection, cause);
      }
    } catch (error) {
      const cause = error instanceof Error ? error : new ConnectionError(String(error));
      const outcome = cause instanceof UnansweredError || !(cause instanceof BrokerError) ? "unknown" : "rejected";
      for (const message of messages) fail(message, outcome, cause);
      link.reconsider(connection, cause);
    }
  }

  #store(
    connection: Connection,
    queue: string,
    messages: readonly OutgoingMessage[],
  ): Promise<readonly ScriptProblem[]> {
    const { keys, outgoing, maxLength } = this.#options;
    const queueKeys = keys.queue(queue);
    if (maxLength === 0 && messages.every((message) => outgoing.isPlain(message))) {
      const bodies = messages.map(({ body }) => toBytes(body));
      return appendBodies(connection, queueKeys.streams[0] ?? "", bodies);
    }
    return publishMessages(
      connection,
      queueKeys,
      maxLength,
      messages.map((message) => outgoing.toScript(message)),
    );
  }

  #failure(message: OutgoingMessage, text: string): Pick<PublishFailure, "outcome" | "cause"> {
    const { address, maxLength } = this.#options;
    if (text === FULL) {
      const full = `Queue "${message.queue}" holds ${maxLength} messages, the most that maxLength allows`;
      return { outcome: "rejected", cause: new QueueFullError(full) };
    }
    if (text.startsWith(NOT_REMEMBERED)) {
      // Stored, but a repetition would store it again.
      return { outcome: "unknown", cause: fromServerText(text.slice(NOT_REMEMBERED.length), address) };
    }
    return { outcome: "rejected", cause: fromServerText(text, address) };
  }
}

/**
 * Cuts a batch into calls: of one queue each, in order, bounded. Within a call higher priorities come first, since the
 * first message that arrives is what wakes an idle consumer.
 */
function* callsOf(messages: readonly OutgoingMessage[]): Generator<readonly OutgoingMessage[]> {
  for (const ofQueue of byQueue(messages)) {
    let call: OutgoingMessage[] = [];
    let bytes = 0;
    for (const message of ofQueue) {
      const size = message.body.length;
      if (call.length > 0 && (call.length >= MAX_CALL_MESSAGES || bytes + size > MAX_CALL_BYTES)) {
        yield call;
        call = [];
        bytes = 0;
      }
      call.push(message);
      bytes += size;
    }
    yield call;
  }
}

function byQueue(messages: readonly OutgoingMessage[]): Iterable<readonly OutgoingMessage[]> {
  const [first] = messages;
  if (first === undefined) return [];
  if (messages.every(({ queue }) => queue === first.queue)) return [highestFirst(messages)];
  const groups = new Map<string, OutgoingMessage[]>();
  for (const message of messages) {
    const group = groups.get(message.queue);
    if (group === undefined) groups.set(message.queue, [message]);
    else group.push(message);
  }
  return [...groups.values()].map(highestFirst);
}

function highestFirst(messages: readonly OutgoingMessage[]): readonly OutgoingMessage[] {
  const [first] = messages;
  if (messages.every(({ priority }) => priority === first?.priority)) return messages;
  return messages.toSorted((one, other) => other.priority - one.priority);
}
