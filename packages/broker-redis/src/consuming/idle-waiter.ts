import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "@chicory/core";
import type { Channel, Route } from "../connection/route.js";
import { serverErrorCode, UnansweredError } from "../errors.js";
import { GROUP } from "../keys.js";

/** Longest blocking read, in milliseconds: an idle consumer looks around this often, whatever wakes it in between. */
export const BLOCK_MS = 5_000;

/** Pauses between attempts to end a blocking read that has not begun on the server yet, in milliseconds. */
const FIRST_UNBLOCK_PAUSE_MS = 1;
const LONGEST_UNBLOCK_PAUSE_MS = 50;

/** Why an idle queue is waked. */
export type IdleNews =
  | {
      readonly kind: "entries";
      readonly streams: readonly StreamNews[];
      /** Monotonic time before which the server certainly had not handed them out. */
      readonly leasedAt: number;
    }
  | { readonly kind: "quiet" }
  | { readonly kind: "failed"; readonly error: Error };

/** New entries of one stream. */
export interface StreamNews {
  readonly key: string;
  readonly entries: readonly { readonly id: string; readonly fields: readonly Buffer[] }[];
}

/** A queue whose receives wait for messages. */
export interface IdleQueue {
  /** Streams to wait for, as they are now. */
  readonly idleKeys: readonly string[];
  /** Called when it is out of the waiter's hands again. Must not throw. */
  woken(news: IdleNews): void;
}

/** A blocking read that is under way. */
interface IdleRead {
  readonly queues: ReadonlySet<IdleQueue>;
  /** Resolves when it has ended. */
  readonly over: Promise<void>;
  /** What the server calls the connection, and which server that is. */
  readonly clientId: number;
  readonly address: string;
  interrupted: boolean;
}

/** What the waiter works with. */
export interface IdleWaiterOptions {
  /** The way of blocking reads, which serves nothing else. */
  readonly blocking: Route;
  /** The way of everything else to the same server. */
  readonly commands: Route;
  readonly consumer: string;
  readonly logger: Logger;
}

/**
 * Waits for messages of all idle queues of a server by one blocking read on one connection. When a queue joins or
 * leaves, the read is ended from the other connection and begun anew.
 *
 * A queue is held from `add` until it is waked. An entry that arrives for a queue that just left is still brought to
 * it, since the server counts it as handed out.
 */
export class IdleWaiter {
  readonly #options: IdleWaiterOptions;
  readonly #waiting = new Set<IdleQueue>();
  readonly #clientIds = new WeakMap<Channel, number>();
  #read: IdleRead | undefined;
  #running = false;
  #closed = false;
  #failures = 0;

  constructor(options: IdleWaiterOptions) {
    this.#options = options;
  }

  /** Whether something may still arrive for this queue by the blocking read. */
  holds(queue: IdleQueue): boolean {
    return this.#waiting.has(queue) || this.#read?.queues.has(queue) === true;
  }

  /** Lets a queue wait. */
  add(queue: IdleQueue): void {
    if (this.#closed || this.#waiting.has(queue)) return;
    this.#waiting.add(queue);
    if (!this.#running) void this.#run();
    else if (this.#read?.queues.has(queue) === false) this.#interrupt();
  }

  /** Takes a queue out. Resolves when nothing can arrive for it any more. */
  async remove(queue: IdleQueue): Promise<void> {
    this.#waiting.delete(queue);
    if (this.#read?.queues.has(queue) !== true) return;
    this.#interrupt();
    await this.#read.over;
  }

  /** Wakes nobody any more. The connections are their owner's to close. */
  close(): void {
    this.#closed = true;
    this.#waiting.clear();
    this.#interrupt();
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#waiting.size > 0) {
      const { blocking } = this.#options;
      let channel: Channel | undefined;
      try {
        channel = blocking.current ?? (await blocking.ready());
        const clientId = await this.#clientIdOf(channel);
        if (this.#waiting.size > 0) await this.#readOnce(channel, clientId);
        this.#failures = 0;
      } catch (error) {
        const failure = error instanceof Error ? error : new Error(String(error));
        if (channel !== undefined) blocking.reconsider(channel, failure);
        this.#failed(failure);
      }
    }
    this.#running = false;
  }

  async #clientIdOf(channel: Channel): Promise<number> {
    const known = this.#clientIds.get(channel);
    if (known !== undefined) return known;
    const id = Number(await channel.command("client", ["id"]));
    this.#clientIds.set(channel, id);
    return id;
  }

  async #readOnce(channel: Channel, clientId: number): Promise<void> {
    const queues = new Set(this.#waiting);
    const keys = [...queues].flatMap((queue) => queue.idleKeys);
    const fresh = keys.map(() => ">");
    // Of a blocking read every stream may bring as many entries as COUNT says.
    const how = ["GROUP", GROUP, this.#options.consumer, "COUNT", 1, "BLOCK", BLOCK_MS, "STREAMS"];
    let end: () => void = () => undefined;
    const over = new Promise<void>((resolve) => {
      end = resolve;
    });
    const read = { queues, over, clientId, address: channel.address, interrupted: false };
    this.#read = read;
    const leasedAt = performance.now();
    try {
      const reply = await channel.command("xreadgroup", [...how, ...keys, ...fresh]);
      this.#read = undefined;
      if (Array.isArray(reply)) this.#bring(queues, reply.map(toStreamNews), leasedAt);
      else if (!read.interrupted) this.#wake(queues, { kind: "quiet" });
    } finally {
      this.#read = undefined;
      end();
    }
  }

  #bring(queues: ReadonlySet<IdleQueue>, news: readonly StreamNews[], leasedAt: number): void {
    for (const queue of queues) {
      const streams = news.filter(({ key }) => queue.idleKeys.includes(key));
      if (streams.length > 0) this.#wake([queue], { kind: "entries", streams, leasedAt });
    }
  }

  #wake(queues: Iterable<IdleQueue>, news: IdleNews): void {
    for (const queue of queues) {
      const waited = this.#waiting.delete(queue);
      if (waited || news.kind === "entries") queue.woken(news);
    }
  }

  /**
   * A connection that breaks once is restored, and another server is looked for, while the queues go on waiting; what
   * goes on failing is reported.
   */
  #failed(error: Error): void {
    this.#failures += 1;
    const passes = error instanceof UnansweredError || serverErrorCode(error) === "MOVED";
    if (passes && this.#failures === 1) return;
    this.#wake([...this.#waiting], { kind: "failed", error });
  }

  #interrupt(): void {
    const read = this.#read;
    if (read === undefined || read.interrupted) return;
    read.interrupted = true;
    void this.#unblock(read);
  }

  /** The order to end a read may overtake the read itself: it is repeated until the read is over. */
  async #unblock(read: IdleRead): Promise<void> {
    const { commands, logger } = this.#options;
    let pause = FIRST_UNBLOCK_PAUSE_MS;
    while (this.#read === read) {
      try {
        const { current } = commands;
        // After a failover the read may wait at another server than commands go to; there the id is somebody else's.
        const sameServer = current?.address === read.address;
        if (sameServer && Number(await current.command("client", ["unblock", read.clientId])) === 1) return;
      } catch (error) {
        logger.debug({ err: error }, "A blocking read could not be ended, it ends by itself");
      }
      await sleep(pause, undefined, { ref: false });
      pause = Math.min(2 * pause, LONGEST_UNBLOCK_PAUSE_MS);
    }
  }
}

function toStreamNews(reply: unknown): StreamNews {
  // The shape of XREADGROUP's reply: [key, [[id, [field, value, ...]], ...]].
  const [key, entries] = reply as [Buffer, [Buffer, Buffer[] | null][]];
  return { key: key.toString(), entries: entries.map(([id, fields]) => ({ id: id.toString(), fields: fields ?? [] })) };
}
