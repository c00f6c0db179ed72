import { setTimeout as sleep } from "node:timers/promises";
import {
  AccessError,
  type Consumer,
  type Delivery,
  type Logger,
  type Settlement,
  type SettleResult,
} from "@chicory/core";
import { entryBody } from "./entry-body.js";
import { serverErrorCode } from "./errors.js";
import { HeldDeliveries } from "./held-deliveries.js";
import type { IdleNews, IdleQueue, IdleWaiter } from "./idle-waiter.js";
import type { QueueKeys } from "./keys.js";
import { LeaseKeeper } from "./lease-keeper.js";
import type { Link } from "./link.js";
import type { OutgoingMessages } from "./outgoing.js";
import { ReceiveLine } from "./receive-line.js";
import { Reclaimer } from "./reclaimer.js";
import { RedisDelivery } from "./redis-delivery.js";
import type { ClaimedEntry } from "./scripts/claim.js";
import { removeConsumers } from "./scripts/leave.js";
import { ensureQueue } from "./scripts/open-queue.js";
import { renewLeases } from "./scripts/renew.js";
import type { FetchedEntry } from "./scripts/step.js";
import { SettleLine } from "./settle-line.js";
import { StepLoop } from "./step-loop.js";

/** How long a delivery that came too late for its receive waits for the next one before it is given back, in ms. */
const KEEP_MS = 200;

/** Least time between two repairs of a queue's groups, in milliseconds: what breaks faster is reported instead. */
const REPAIR_MS = 1_000;

/** What a session shares with the others of its driver. */
export interface SessionOptions {
  readonly keys: QueueKeys;
  /** Name in the consumer group: one for the whole driver. */
  readonly consumer: string;
  readonly leaseMs: number;
  readonly address: string;
  readonly link: Link;
  readonly idleWaiter: IdleWaiter;
  readonly outgoing: OutgoingMessages;
  readonly logger: Logger;
  /** Tells that deliveries belong to somebody else now. */
  readonly onLost: (consumer: Consumer, deliveries: readonly Delivery[]) => void;
  /** Called when the queue's groups had to be created. */
  readonly onRepaired: () => void;
}

/**
 * A driver's part in one queue, shared by its consumers there: the receives and settlements that wait, the steps that
 * serve them, and the leases of what is handed out.
 */
export class QueueSession implements IdleQueue {
  readonly #options: SessionOptions;
  readonly #held = new HeldDeliveries();
  readonly #settleLine = new SettleLine(this.#held);
  readonly #receiveLine: ReceiveLine;
  readonly #loop: StepLoop;
  readonly #keeper: LeaseKeeper;
  readonly #reclaimer: Reclaimer;
  /** Deliveries that came when no receive waited any more. */
  #kept: readonly RedisDelivery[] = [];
  #keepTimer: NodeJS.Timeout | undefined;
  #repairing: Promise<void> | undefined;
  #repairedAt = Number.NEGATIVE_INFINITY;
  #recovering: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    const { keys, consumer, leaseMs, link, idleWaiter, outgoing, logger, address } = options;
    this.#receiveLine = new ReceiveLine(() => void idleWaiter.remove(this));
    this.#loop = new StepLoop({
      keys,
      consumer,
      leaseMs,
      address,
      link,
      settleLine: this.#settleLine,
      outgoing,
      logger,
      wanted: () => {
        if (idleWaiter.holds(this)) return { deliveries: 0, receives: 0 };
        return { deliveries: this.#receiveLine.wanted, receives: this.#receiveLine.size };
      },
      onEntries: (entries, leasedAt) => this.#accept(entries.map((entry) => this.#fetched(entry, leasedAt))),
      onEmpty: () => idleWaiter.add(this),
      onOutdated: (cause) => this.#repair(cause),
      onFailure: (error) => this.#receiveLine.fail(error),
    });
    this.#keeper = new LeaseKeeper({
      leaseMs,
      held: this.#held,
      logger,
      renew: async (priority, ids) => {
        const lost = await renewLeases(await link.ready(), this.#stream(priority), consumer, ids);
        this.#loop.answeredAt = Date.now();
        return lost;
      },
      onLost: (deliveries) => this.#lost(deliveries),
      onIdleBeat: () => this.#loop.promote(),
    });
    this.#reclaimer = new Reclaimer({
      keys,
      consumer,
      leaseMs,
      logger,
      channel: () => link.current,
      levels: () => this.#loop.levels,
      holds: (priority, entryId) => this.#held.has(priority, entryId),
      wanted: () => this.#receiveLine.wanted,
      deliver: (priority, entries, leasedAt) =>
        this.#accept(entries.map((entry) => this.#claimed(priority, entry, leasedAt))),
    });
  }

  /** When the server last answered for this queue, in milliseconds since the epoch. */
  get answeredAt(): number {
    return this.#loop.answeredAt;
  }

  /** Streams that an idle consumer of this queue waits for. */
  get idleKeys(): readonly string[] {
    return [...Array.from(this.#loop.levels, (level) => this.#stream(Number(level))), this.#options.keys.wake];
  }

  /** Creates the queue if need be, and begins to keep leases. Rejects with an `AccessError` if a permission lacks. */
  async open(): Promise<void> {
    const { link, keys, consumer } = this.#options;
    const { used, refused } = await ensureQueue(await link.ready(), keys, consumer);
    if (refused.length > 0) throw lacks(refused);
    this.#loop.setUsed(used);
    this.#loop.answeredAt = Date.now();
    this.#keeper.start();
    this.#reclaimer.start();
  }

  /** Waits for deliveries; see `Consumer.receive`. */
  receive(consumer: Consumer, max: number, signal: AbortSignal): Promise<readonly Delivery[]> {
    if (signal.aborted || this.#closed) return Promise.resolve([]);
    const received = this.#receiveLine.wait(consumer, max, signal);
    if (this.#kept.length > 0) this.#serve([]);
    if (this.#options.idleWaiter.holds(this)) {
      if (this.#receiveLine.wanted > 0) this.#options.idleWaiter.add(this);
    } else {
      if (this.#reclaimer.hasRipe) void this.#reclaimer.takeRipe();
      this.#loop.schedule();
    }
    return received;
  }

  /** Settles deliveries that are held; `lost` are those known to be lost before. */
  settle(
    settlements: readonly { readonly settlement: Settlement; readonly delivery: RedisDelivery }[],
    lost: readonly Delivery[],
  ): Promise<SettleResult> {
    const settled = this.#settleLine.submit(settlements, lost);
    this.#loop.schedule();
    return settled;
  }

  /** Ends the receives of a consumer that closes. */
  dismiss(consumer: Consumer): void {
    this.#receiveLine.dismiss(consumer);
  }

  /** Gives back everything that a consumer holds; of undefined, what waits for a receive. */
  async giveBack(consumer: Consumer | undefined): Promise<void> {
    const deliveries = this.#held.of(consumer).filter(({ state }) => state === "held");
    await this.settle(
      deliveries.map((delivery) => ({ delivery, settlement: { kind: "requeue", delivery } })),
      [],
    );
  }

  /** Ends the session: nothing is fetched any more, and what was not handed out is given back. */
  async close(): Promise<void> {
    const { idleWaiter, link, keys, consumer } = this.#options;
    this.#closed = true;
    clearTimeout(this.#keepTimer);
    await idleWaiter.remove(this);
    await Promise.all([this.#recovering, this.#repairing, this.#reclaimer.stop()]);
    await this.#loop.idle();
    await this.giveBack(undefined);
    await this.#keeper.stop();
    this.#loop.stop();
    const connection = link.current;
    if (connection !== undefined) await removeConsumers(connection, keys, this.#loop.levels, [consumer]);
  }

  /** Stops every timer of a session that could not be closed in time. */
  abandon(): void {
    clearTimeout(this.#keepTimer);
    this.#loop.stop();
    void this.#keeper.stop();
    void this.#reclaimer.stop();
  }

  /**
   * A connection was made after one was lost: keeps the leases, and hands out what the server sent into the void before
   * anything new is fetched.
   */
  recover(): void {
    this.#reclaimer.connected();
    this.#loop.pauseFetching();
    this.#recovering = this.#recovering
      // Answers of the old connection may still be on their way through this process.
      .then(() => this.#loop.idle())
      .then(() => this.#keeper.renewAll())
      .then(() => this.#reclaimer.takeOwn())
      .catch((error: unknown) => {
        // The connection broke again: there will be a next one. What stays behind is taken over like a dead worker's.
        this.#options.logger.debug({ err: error }, "Messages of a lost answer could not be fetched yet");
      })
      .then(() => {
        this.#loop.resumeFetching();
        this.#loop.promote();
      });
  }

  woken(news: IdleNews): void {
    switch (news.kind) {
      case "failed":
        this.#idleFailed(news.error);
        break;
      case "quiet":
        this.#loop.answeredAt = Date.now();
        break;
      case "entries":
        this.#loop.answeredAt = Date.now();
        for (const { key, entries } of news.streams) {
          const priority = this.#options.keys.streams.indexOf(key);
          if (priority < 0) this.#loop.wake(entries[0]?.id ?? "");
          else this.#accept(entries.map(({ id, fields }) => this.#delivery(priority, id, entryBody(fields), 1)));
        }
        break;
    }
    this.#loop.wake("");
  }

  #fetched({ priority, id, content }: FetchedEntry, leasedAt: number): RedisDelivery {
    const body = Buffer.isBuffer(content) ? content : entryBody(content);
    return this.#delivery(priority, id, body, 1, leasedAt);
  }

  #claimed(priority: number, { id, deliveryCount, fields }: ClaimedEntry, leasedAt: number): RedisDelivery {
    return this.#delivery(priority, id, entryBody(fields), deliveryCount, leasedAt);
  }

  #delivery(priority: number, id: string, body: Buffer, count: number, leasedAt = performance.now()): RedisDelivery {
    return new RedisDelivery(this.#options.keys.queue, priority, id, body, count, leasedAt);
  }

  #accept(deliveries: readonly RedisDelivery[]): void {
    this.#serve(deliveries.filter((delivery) => this.#held.add(delivery)));
  }

  #serve(fresh: readonly RedisDelivery[]): void {
    const kept = this.#kept.filter(({ state }) => state === "held");
    this.#kept = this.#receiveLine.serve(kept.length === 0 ? fresh : [...kept, ...fresh]);
    if (this.#receiveLine.wanted === 0) void this.#options.idleWaiter.remove(this);
    clearTimeout(this.#keepTimer);
    if (this.#kept.length === 0 || this.#closed) return;
    this.#keepTimer = setTimeout(() => {
      this.#kept = [];
      this.giveBack(undefined).catch((error: unknown) => {
        this.#options.logger.debug({ err: error }, "Messages that nobody receives could not be given back yet");
      });
    }, KEEP_MS).unref();
  }

  #lost(deliveries: readonly RedisDelivery[]): void {
    for (const consumer of new Set(deliveries.map((delivery) => delivery.consumer))) {
      if (consumer === undefined) continue;
      this.#options.onLost(
        consumer,
        deliveries.filter((delivery) => delivery.consumer === consumer),
      );
    }
  }

  #idleFailed(error: Error): void {
    const code = serverErrorCode(error);
    if (code === "NOGROUP" || code === "UNBLOCKED") this.#repair(error);
    else this.#receiveLine.fail(error);
  }

  /** Creates groups that are gone (the server was flushed, say) and learns of new priorities. */
  #repair(cause: Error | undefined): void {
    const { link, keys, consumer, logger, onRepaired } = this.#options;
    const now = performance.now();
    if (cause !== undefined && now - this.#repairedAt < REPAIR_MS) {
      this.#receiveLine.fail(cause);
      return;
    }
    if (this.#repairing !== undefined) return;
    this.#loop.pause();
    this.#repairing = link
      .ready()
      .then((connection) => ensureQueue(connection, keys, consumer))
      .then(({ used }) => {
        this.#loop.setUsed(used);
        if (cause === undefined) return;
        this.#repairedAt = now;
        logger.warn({ queue: keys.queue }, "The queue's consumer group was gone and was created anew");
        onRepaired();
      })
      .catch(async (error: Error) => {
        this.#receiveLine.fail(error);
        // Settlements may wait, and would ask for the same repair at once.
        await sleep(REPAIR_MS, undefined, { ref: false });
      })
      .finally(() => {
        this.#repairing = undefined;
        this.#loop.resume();
      });
  }

  #stream(priority: number): string {
    return this.#options.keys.streams[priority] ?? "";
  }
}

function lacks(refused: readonly string[]): AccessError {
  return new AccessError(`The Redis user lacks permissions that a worker needs: ${refused.join("; ")}`);
}
