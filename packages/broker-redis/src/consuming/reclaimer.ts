import type { Logger } from "@chicory/core";
import { GROUP, type QueueKeys } from "../keys.js";
import { type ClaimedEntry, claimEntries, type PendingEntry } from "../scripts/claim.js";
import { removeConsumers } from "../scripts/leave.js";
import type { CommandChannel } from "../scripts/script.js";
import { type SeenEntry, TakeoverPolicy } from "./takeover-policy.js";

/** Entries of one page of the server's list of pending ones. */
const PAGE = 100;

/** Most entries that are looked at in one go: several dead workers' worth. */
const MAX_SEEN = 1_000;

/** Most entries that one script call takes over. */
const CLAIM_CHUNK = 50;

/** A consumer that holds nothing and was silent this long is deleted, in milliseconds. */
const DEAD_CONSUMER_MS = 3_600_000;

/** What a reclaimer knows of its queue. */
export interface ReclaimerOptions {
  readonly keys: QueueKeys;
  readonly consumer: string;
  readonly leaseMs: number;
  readonly logger: Logger;
  /** Whether entries may be pending for this consumer that were handed out once; see {@link Reclaimer.countOwn}. */
  readonly countOwn: boolean;
  /** The connection, if there is one. */
  readonly channel: () => CommandChannel | undefined;
  /** Digits of the used priorities and 0, highest first. */
  readonly levels: () => string;
  readonly holds: (priority: number, entryId: string) => boolean;
  /** How many deliveries the waiting receives take. */
  readonly wanted: () => number;
  /** Hands entries to the receives that wait. `leasedAt` is monotonic. */
  readonly deliver: (priority: number, entries: readonly ClaimedEntry[], leasedAt: number) => void;
}

/**
 * Brings back what was handed out and got stuck: entries of consumers that died, and entries that the server handed
 * to this process in an answer that never arrived.
 */
export class Reclaimer {
  readonly #options: ReclaimerOptions;
  readonly #policy: TakeoverPolicy;
  #ripe: readonly SeenEntry[] = [];
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #claiming = false;
  #cleanedAt = performance.now();
  #countOwn: boolean;

  constructor(options: ReclaimerOptions) {
    this.#options = options;
    this.#countOwn = options.countOwn;
    this.#policy = new TakeoverPolicy(options.leaseMs, performance.now());
  }

  /** Looks four times a lease, so that a dead worker's messages run elsewhere within two. */
  start(): void {
    this.#timer ??= setInterval(() => void this.#tick(), this.#options.leaseMs / 4).unref();
  }

  /** Looks no more; resolves when it has stopped. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    await this.#looking;
  }

  /** Begins the time of grace of a new connection. */
  connected(): void {
    this.#policy.connected(performance.now());
    this.#ripe = [];
  }

  /**
   * From now on, taking an entry from oneself counts as a hand-out: something was handed out by this process and let
   * go, so that not every such entry is one of a lost answer.
   */
  countOwn(): void {
    this.#countOwn = true;
  }

  /** Whether entries of dead consumers wait for somebody to take them. */
  get hasRipe(): boolean {
    return this.#ripe.length > 0 && !this.#claiming;
  }

  /** Takes over as many ripe entries as receives wait for. */
  async takeRipe(): Promise<void> {
    const { wanted, leaseMs, logger } = this.#options;
    const count = Math.min(wanted(), this.#ripe.length);
    if (count <= 0 || this.#claiming) return;
    this.#claiming = true;
    const taken = this.#ripe.slice(0, count);
    this.#ripe = this.#ripe.slice(count);
    try {
      await this.#claim(taken, leaseMs);
    } catch (error) {
      // They stay pending, and are seen again at the next look.
      logger.debug({ err: error }, "Messages of a dead worker could not be taken over yet");
    } finally {
      this.#claiming = false;
    }
  }

  /**
   * Hands out entries that are pending for this very consumer though it does not hold them: the answer that brought
   * them was lost with its connection. Nobody ever got them, so this is no further hand-out, as a rule.
   */
  async takeOwn(): Promise<void> {
    const { consumer, holds } = this.#options;
    for (const priority of this.#priorities()) {
      const own = await this.#list(priority, ["-", "+"], [consumer]);
      const orphans = own.filter(({ id }) => !holds(priority, id));
      await this.#claim(orphans, 0);
    }
  }

  async #tick(): Promise<void> {
    if (this.#looking !== undefined) return;
    this.#looking = this.#look().catch((error: unknown) => {
      this.#options.logger.debug({ err: error }, "Looking for messages of dead workers failed");
    });
    await this.#looking;
    this.#looking = undefined;
  }

  async #look(): Promise<void> {
    const { leaseMs, holds } = this.#options;
    const idle: SeenEntry[] = [];
    for (const priority of this.#priorities()) {
      const listed = await this.#list(priority, ["IDLE", leaseMs, "-", "+"], []);
      idle.push(...listed.filter(({ id }) => !holds(priority, id)));
    }
    this.#ripe = this.#policy.observe(idle, performance.now());
    await this.takeRipe();
    await this.#removeDeadConsumers();
  }

  /** Lists pending entries page by page; `range` ends with the first and the last id. */
  async #list(priority: number, range: readonly (string | number)[], consumer: string[]): Promise<SeenEntry[]> {
    const key = this.#stream(priority);
    const seen: SeenEntry[] = [];
    let start = "-";
    while (seen.length < MAX_SEEN) {
      const args = [...range.slice(0, -2), start, "+", PAGE, ...consumer];
      const reply = (await this.#channel().command("xpending", [key, GROUP, ...args])) as PendingReply[];
      seen.push(...reply.map((entry) => ({ priority, ...toPendingEntry(entry) })));
      const last = seen.at(-1);
      if (reply.length < PAGE || last === undefined) break;
      start = `(${last.id}`;
    }
    return seen;
  }

  async #claim(entries: readonly SeenEntry[], minIdleMs: number): Promise<void> {
    const { consumer, deliver, holds } = this.#options;
    for (const priority of new Set(entries.map((entry) => entry.priority))) {
      const ofStream = entries.filter((entry) => entry.priority === priority);
      for (let at = 0; at < ofStream.length; at += CLAIM_CHUNK) {
        // An answer with some of them may have come in after all while others were claimed.
        const chunk = ofStream.slice(at, at + CLAIM_CHUNK).filter(({ id }) => !holds(priority, id));
        const leasedAt = performance.now();
        const claimed = await claimEntries(this.#channel(), this.#stream(priority), {
          consumer,
          minIdleMs,
          countOwn: this.#countOwn,
          entries: chunk,
        });
        deliver(priority, claimed, leasedAt);
      }
    }
  }

  async #removeDeadConsumers(): Promise<void> {
    const { keys, levels, consumer, logger } = this.#options;
    if (performance.now() - this.#cleanedAt < DEAD_CONSUMER_MS) return;
    this.#cleanedAt = performance.now();
    const reply = (await this.#channel().command("xinfo", ["CONSUMERS", this.#stream(0), GROUP])) as unknown[][];
    const dead = reply
      .map(toConsumer)
      .filter(({ name, pending, idleMs }) => name !== consumer && pending === 0 && idleMs >= DEAD_CONSUMER_MS);
    if (dead.length === 0) return;
    const names = dead.slice(0, PAGE).map(({ name }) => name);
    const removed = await removeConsumers(this.#channel(), keys, levels(), names);
    logger.debug({ removed }, "Removed consumers of workers that are gone");
  }

  #priorities(): readonly number[] {
    return Array.from(this.#options.levels(), Number);
  }

  #stream(priority: number): string {
    return this.#options.keys.streams[priority] ?? "";
  }

  #channel(): CommandChannel {
    const channel = this.#options.channel();
    if (channel === undefined) throw new Error("not connected at the moment");
    return channel;
  }
}

type PendingReply = [Buffer, Buffer, number, number];

function toPendingEntry([id, owner, idleMs, deliveryCount]: PendingReply): PendingEntry {
  return { id: id.toString(), owner: owner.toString(), idleMs, deliveryCount };
}

function toConsumer(fields: readonly unknown[]): { name: string; pending: number; idleMs: number } {
  const known = new Map<string, unknown>();
  for (let at = 0; at < fields.length; at += 2) known.set(String(fields[at]), fields[at + 1]);
  return { name: String(known.get("name")), pending: Number(known.get("pending")), idleMs: Number(known.get("idle")) };
}
