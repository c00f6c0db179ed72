import {
  assertQueueName,
  type BrokerError,
  type BrowseOptions,
  type DeadLetterPage,
  isQueueName,
  type QueueAdmin,
  type QueueDepth,
  type Replay,
  type StoredDeadLetter,
  UnsupportedError,
} from "@chicory/core";
import type { Channel, Servers } from "../connection/route.js";
import { fromServerText } from "../errors.js";
import type { KeyBuilder, QueueKeys } from "../keys.js";
import type { OutgoingMessages } from "../publishing/outgoing.js";
import { countQueue } from "../scripts/depth.js";
import { dropAllLetters } from "../scripts/drop-letters.js";
import { purgeSome } from "../scripts/purge.js";
import { replayLetters } from "../scripts/replay.js";
import type { CommandChannel } from "../scripts/script.js";
import { toDeadLetter } from "./dead-letters.js";

/** Letters in a page if the caller names no number. */
const DEFAULT_PAGE = 100;

/** Most letters that are read, replayed or removed by one call to the server. */
const MAX_PER_CALL = 500;

/** Ids of stream entries; anything else names no letter. */
const LETTER_ID = /^\d{1,20}-\d{1,20}$/;

/** What operators do to queues on Redis. */
export class RedisAdmin implements QueueAdmin {
  readonly #servers: Servers;
  readonly #keys: KeyBuilder;
  readonly #outgoing: OutgoingMessages;

  constructor(servers: Servers, keys: KeyBuilder, outgoing: OutgoingMessages) {
    this.#servers = servers;
    this.#keys = keys;
    this.#outgoing = outgoing;
  }

  async queues(): Promise<readonly string[]> {
    const channel = await this.#servers.registry.ready();
    const members = (await channel.command("smembers", [this.#keys.registry])) as Buffer[];
    return members.map(String).filter(isQueueName).sort();
  }

  async depth(queue: string): Promise<QueueDepth> {
    const keys = this.#queue(queue);
    return await countQueue(await this.#ready(queue), keys);
  }

  async purge(queue: string): Promise<number> {
    const keys = this.#queue(queue);
    for (let total = 0; ; ) {
      const { deleted, more } = await purgeSome(await this.#ready(queue), keys);
      total += deleted;
      if (!more) return total;
    }
  }

  async browseDeadLetters(queue: string, options: BrowseOptions = {}): Promise<DeadLetterPage> {
    const keys = this.#queue(queue);
    const limit = Math.max(1, Math.min(options.limit ?? DEFAULT_PAGE, MAX_PER_CALL));
    const start = options.after === undefined ? "-" : `(${options.after}`;
    const letters = await readLetters(await this.#ready(queue), keys, start, "+", limit + 1);
    const page = letters.slice(0, limit);
    const last = page.at(-1);
    return letters.length > limit && last !== undefined ? { letters: page, next: last.id } : { letters: page };
  }

  async findDeadLetter(queue: string, letterId: string): Promise<StoredDeadLetter | undefined> {
    const keys = this.#queue(queue);
    const connection = await this.#ready(queue);
    if (!LETTER_ID.test(letterId)) return undefined;
    const [letter] = await readLetters(connection, keys, letterId, letterId, 1);
    return letter;
  }

  async replayDeadLetters(queue: string, replays: readonly Replay[]): Promise<readonly string[]> {
    const keys = this.#queue(queue);
    for (const { message } of replays) {
      const refusal = this.#outgoing.refusal(message);
      if (refusal !== undefined) throw refusal;
      if (message.queue !== queue) {
        throw new UnsupportedError(`A letter of queue "${queue}" is replayed into that queue, not "${message.queue}"`);
      }
    }
    // With nothing to do, too, a closed driver says so.
    await this.#ready(queue);
    const replayed: string[] = [];
    let failure: BrokerError | undefined;
    for (const part of partsOf(replays.filter(({ letterId }) => LETTER_ID.test(letterId)))) {
      const messages = part.map(({ letterId, message }) => ({ letterId, message: this.#outgoing.toScript(message) }));
      const channel = await this.#ready(queue);
      const problems = await replayLetters(channel, keys, messages);
      const failed = new Set(problems.map(({ index }) => index));
      replayed.push(...part.filter((_, index) => !failed.has(index)).map(({ letterId }) => letterId));
      const text = problems.find((problem) => problem.text !== "")?.text;
      if (text !== undefined) failure ??= fromServerText(text, channel.address);
      if (failure !== undefined) break;
    }
    // Part of them may be done: what could not be replayed is still there, and says so when it is tried again.
    if (failure !== undefined && replayed.length === 0) throw failure;
    return replayed;
  }

  async removeDeadLetters(queue: string, letterIds: readonly string[]): Promise<number> {
    const keys = this.#queue(queue);
    await this.#ready(queue);
    let removed = 0;
    for (const part of partsOf(letterIds.filter((id) => LETTER_ID.test(id)))) {
      const connection = await this.#ready(queue);
      removed += Number(await connection.command("xdel", [keys.deadLetters, ...part]));
    }
    return removed;
  }

  async purgeDeadLetters(queue: string): Promise<number> {
    const keys = this.#queue(queue);
    return await dropAllLetters(await this.#ready(queue), keys);
  }

  #ready(queue: string): Promise<Channel> {
    return this.#servers.commands(queue).ready();
  }

  #queue(name: string): QueueKeys {
    return this.#keys.queue(assertQueueName(name));
  }
}

async function readLetters(
  channel: CommandChannel,
  keys: QueueKeys,
  start: string,
  end: string,
  count: number,
): Promise<readonly StoredDeadLetter[]> {
  const reply = await channel.command("xrange", [keys.deadLetters, start, end, "COUNT", count]);
  // The shape of XRANGE's reply: [[id, [field, value, ...]], ...].
  return (reply as [Buffer, Buffer[]][]).map(([id, fields]) => toDeadLetter(keys.queue, id.toString(), fields));
}

function* partsOf<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < items.length; at += MAX_PER_CALL) yield items.slice(at, at + MAX_PER_CALL);
}
