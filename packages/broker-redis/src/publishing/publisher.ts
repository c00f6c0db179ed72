import {
  BrokerError,
  ConnectionError,
  type OutgoingMessage,
  PublishError,
  type PublishFailure,
  QueueFullError,
} from "@chicory/core";
import type { Channel, Route, Servers } from "../connection/route.js";
import { fromServerText, UnansweredError } from "../errors.js";
import type { KeyBuilder } from "../keys.js";
import { appendBodies } from "../scripts/append.js";
import { FULL, NOT_REMEMBERED, publishMessages } from "../scripts/publish.js";
import type { ScriptProblem } from "../scripts/script-problem.js";
import { type OutgoingMessages, toBytes } from "./outgoing.js";
import type { QueueRegistry } from "./queue-registry.js";

/**
 * Most messages of one script call, which is under half a millisecond of the server's time: of larger ones it would
 * wait longer for the first, while the client writes.
 */
const MAX_CALL_MESSAGES = 250;

/** Most characters of bodies in one call, unless a single one is larger. */
const MAX_CALL_BYTES = 1_048_576;

/** Calls on the way at once: the server works on one while the next is written. */
const MAX_CALLS = 4;

const NO_FAILURES: readonly PublishFailure[] = [];

/** What a publisher works with. */
export interface PublisherOptions {
  readonly servers: Servers;
  readonly keys: KeyBuilder;
  readonly outgoing: OutgoingMessages;
  readonly registry: QueueRegistry;
  /** Most messages that a queue may hold; 0 for no limit. */
  readonly maxLength: number;
}

/** Stores messages: one script call for a queue's part of a batch. Never sends one twice. */
export class Publisher {
  readonly #options: PublisherOptions;
  #count = 0;
  #onIdle: (() => void)[] = [];

  constructor(options: PublisherOptions) {
    this.#options = options;
  }

  /** Resolves when all are stored; rejects with a {@link PublishError} naming those that are not, or may not be. */
  async publish(messages: readonly OutgoingMessage[]): Promise<void> {
    this.#count += 1;
    try {
      const failures = messages.length === 1 ? await this.#publishOne(messages) : await this.#publishAll(messages);
      if (failures.length > 0) throw new PublishError(failures);
    } finally {
      this.#count -= 1;
      if (this.#count === 0) for (const resolve of this.#onIdle.splice(0)) resolve();
    }
  }

  /** Resolves when no publish is under way. */
  async idle(): Promise<void> {
    if (this.#count > 0) await new Promise<void>((resolve) => this.#onIdle.push(resolve));
  }

  /** The shortest way for the most frequent case: a single message and a connection that is up. */
  #publishOne(messages: readonly OutgoingMessage[]): Promise<readonly PublishFailure[]> {
    const [message] = messages;
    const { outgoing } = this.#options;
    if (message === undefined || outgoing.refusal(message) !== undefined) return this.#publishAll(messages);
    const channel = this.#route(message.queue).current;
    if (channel === undefined) return this.#publishAll(messages);
    return this.#send(channel, message.queue, messages);
  }

  async #publishAll(messages: readonly OutgoingMessage[]): Promise<readonly PublishFailure[]> {
    const { outgoing } = this.#options;
    const failures = new Map<OutgoingMessage, PublishFailure>();
    const valid = messages.filter((message) => {
      const cause = outgoing.refusal(message);
      if (cause !== undefined) failures.set(message, { message, outcome: "rejected", cause });
      return cause === undefined;
    });
    let unreachable: Error | undefined;
    const calls: Promise<void>[] = [];
    for (const { queue, part } of callsOf(valid)) {
      const route = this.#route(queue);
      const channel: Channel | Error =
        route.current ?? unreachable ?? (await route.ready().catch((error: Error) => error));
      if (channel instanceof Error) {
        // The rest does not wait for a server, or each call would do so anew.
        unreachable = channel;
        for (const message of part) failures.set(message, { message, outcome: "rejected", cause: channel });
        continue;
      }
      const sent = this.#send(channel, queue, part).then((failed) => {
        for (const failure of failed) failures.set(failure.message, failure);
      });
      calls.push(sent);
      if (calls.length >= MAX_CALLS) await calls.shift();
    }
    await Promise.all(calls);
    return failures.size === 0 ? NO_FAILURES : messages.flatMap((message) => failures.get(message) ?? []);
  }

  /** Writes one call, and returns what it did not certainly store. Never rejects. */
  async #send(
    channel: Channel,
    queue: string,
    messages: readonly OutgoingMessage[],
  ): Promise<readonly PublishFailure[]> {
    const { registry } = this.#options;
    try {
      registry.note(queue);
      const problems = await this.#store(channel, queue, messages);
      if (problems.length === 0) return NO_FAILURES;
      const failures = problems.flatMap(({ index, text }) => this.#failure(channel, messages[index], text));
      for (const { cause } of failures) this.#route(queue).reconsider(channel, cause);
      return failures;
    } catch (error) {
      const cause = error instanceof Error ? error : new ConnectionError(String(error));
      const outcome = cause instanceof UnansweredError || !(cause instanceof BrokerError) ? "unknown" : "rejected";
      this.#route(queue).reconsider(channel, cause);
      return messages.map((message) => ({ message, outcome, cause }));
    }
  }

  /** Where what must survive the loss of a server has a way of its own, that way. */
  #route(queue: string): Route {
    const { servers } = this.#options;
    return servers.durable(queue) ?? servers.commands(queue);
  }

  #store(channel: Channel, queue: string, messages: readonly OutgoingMessage[]): Promise<readonly ScriptProblem[]> {
    const { keys, outgoing, maxLength } = this.#options;
    const queueKeys = keys.queue(queue);
    if (maxLength === 0 && messages.every((message) => outgoing.isPlain(message))) {
      const bodies = messages.map(({ body }) => toBytes(body));
      return appendBodies(channel, queueKeys.streams[0] ?? "", bodies);
    }
    return publishMessages(
      channel,
      queueKeys,
      maxLength,
      messages.map((message) => outgoing.toScript(message)),
    );
  }

  #failure(channel: Channel, message: OutgoingMessage | undefined, text: string): readonly PublishFailure[] {
    if (message === undefined) return NO_FAILURES;
    const { maxLength } = this.#options;
    const { address } = channel;
    if (text === FULL) {
      const full = `Queue "${message.queue}" holds ${maxLength} messages, the most that maxLength allows`;
      return [{ message, outcome: "rejected", cause: new QueueFullError(full) }];
    }
    if (text.startsWith(NOT_REMEMBERED)) {
      // Stored, but a repetition would store it again.
      return [{ message, outcome: "unknown", cause: fromServerText(text.slice(NOT_REMEMBERED.length), address) }];
    }
    return [{ message, outcome: "rejected", cause: fromServerText(text, address) }];
  }
}

/**
 * Cuts a batch into calls: of one queue each, in order, bounded. Within a call higher priorities come first, since the
 * first message that arrives is what wakes an idle consumer.
 */
function* callsOf(
  messages: readonly OutgoingMessage[],
): Generator<{ queue: string; part: readonly OutgoingMessage[] }> {
  for (const { queue, all } of byQueue(messages)) {
    let start = 0;
    let bytes = 0;
    for (let at = 0; at < all.length; at++) {
      const size = all[at]?.body.length ?? 0;
      if (at > start && (at - start >= MAX_CALL_MESSAGES || bytes + size > MAX_CALL_BYTES)) {
        yield { queue, part: all.slice(start, at) };
        start = at;
        bytes = 0;
      }
      bytes += size;
    }
    yield { queue, part: start === 0 ? all : all.slice(start) };
  }
}

function byQueue(messages: readonly OutgoingMessage[]): { queue: string; all: readonly OutgoingMessage[] }[] {
  const queue = messages[0]?.queue;
  if (queue === undefined) return [];
  if (messages.every((message) => message.queue === queue)) return [{ queue, all: highestFirst(messages) }];
  const groups = new Map<string, OutgoingMessage[]>();
  for (const message of messages) {
    const group = groups.get(message.queue);
    if (group === undefined) groups.set(message.queue, [message]);
    else group.push(message);
  }
  return Array.from(groups, ([name, group]) => ({ queue: name, all: highestFirst(group) }));
}

function highestFirst(messages: readonly OutgoingMessage[]): readonly OutgoingMessage[] {
  const [first] = messages;
  if (messages.every(({ priority }) => priority === first?.priority)) return messages;
  return messages.toSorted((one, other) => other.priority - one.priority);
}
