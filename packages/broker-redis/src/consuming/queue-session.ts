import type { Consumer, Delivery, Logger, Settlement, SettleResult } from "@chicory/core";
import type { Route } from "../connection/route.js";
import { missingRights, serverErrorCode } from "../errors.js";
import type { QueueKeys } from "../keys.js";
import { LeaseKeeper } from "../leases/lease-keeper.js";
import type { OutgoingMessages } from "../publishing/outgoing.js";
import { removeConsumers } from "../scripts/leave.js";
import { ensureQueue } from "../scripts/open-queue.js";
import { renewLeases } from "../scripts/renew.js";
import { DurableAcks } from "./durable-acks.js";
import { HeldDeliveries } from "./held-deliveries.js";
import type { IdleNews, IdleQueue, IdleWaiter } from "./idle-waiter.js";
import { LateDeliveries } from "./late-deliveries.js";
import { QueueRepair } from "./queue-repair.js";
import { ReceiveLine } from "./receive-line.js";
import { Reclaimer } from "./reclaimer.js";
import { Recovery } from "./recovery.js";
import { deliveryOf, type RedisDelivery } from "./redis-delivery.js";
import { SettleLine } from "./settle-line.js";
import { StepLoop } from "./step-loop.js";

/** What a session shares with the others of its driver. */
export interface SessionOptions {
  readonly keys: QueueKeys;
  /** Name in the consumer group: one for the whole driver. */
  readonly consumer: string;
  readonly leaseMs: number;
  readonly route: Route;
  /** The way of acks that must survive the loss of a server; undefined where none must. */
  readonly durable: Route | undefined;
  readonly idleWaiter: IdleWaiter;
  readonly outgoing: OutgoingMessages;
  readonly logger: Logger;
  /** Tells that deliveries belong to somebody else now. */
  readonly onLost: (consumer: Consumer, deliveries: readonly Delivery[]) => void;
  /** Whether an earlier session of the queue let go of something that it had handed out. */
  readonly countOwn: boolean;
  /** Called when something is held; often, so it must be cheap. */
  readonly onHeld: () => void;
  /** Called when the queue's groups had to be created anew. */
  readonly onRepaired: () => void;
}

/**
 * A driver's part in one queue, shared by its consumers there: the receives and settlements that wait, the steps that
 * serve them, and the leases of what is handed out.
 */
export class QueueSession implements IdleQueue {
  readonly #options: SessionOptions;
  readonly #held = new HeldDeliveries();
  readonly #settleLine: SettleLine;
  readonly #durableAcks: DurableAcks | undefined;
  readonly #receiveLine: ReceiveLine;
  readonly #loop: StepLoop;
  readonly #keeper: LeaseKeeper;
  readonly #reclaimer: Reclaimer;
  readonly #repair: QueueRepair;
  readonly #late: LateDeliveries;
  readonly #recovery: Recovery;
  #closed = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    const { keys, consumer, leaseMs, route, durable, idleWaiter, outgoing, logger } = options;
    this.#settleLine = new SettleLine(this.#held, durable !== undefined);
    this.#durableAcks = durable && new DurableAcks({ keys, consumer, route: durable, settleLine: this.#settleLine });
    this.#late = new LateDeliveries(() => this.giveBack(undefined), logger);
    this.#receiveLine = new ReceiveLine(() => void idleWaiter.remove(this));
    this.#loop = new StepLoop({
      keys,
      consumer,
      leaseMs,
      route,
      settleLine: this.#settleLine,
      outgoing,
      logger,
      wanted: () => {
        if (idleWaiter.holds(this)) return { deliveries: 0, receives: 0 };
        return { deliveries: this.#receiveLine.wanted, receives: this.#receiveLine.size };
      },
      onEntries: (entries, leasedAt) =>
        this.#accept(
          entries.map(({ priority, id, content }) => deliveryOf(keys.queue, priority, id, content, 1, leasedAt)),
        ),
      onEmpty: () => idleWaiter.add(this),
      onOutdated: (cause) => this.#repair.start(cause),
      onFailure: (error) => this.#receiveLine.fail(error),
    });
    this.#repair = new QueueRepair({
      keys,
      consumer,
      route,
      logger,
      pause: () => this.#loop.pause(),
      resume: () => this.#loop.resume(),
      onUsed: (used) => this.#loop.setUsed(used),
      onRepaired: options.onRepaired,
      onFailure: (error) => this.#receiveLine.fail(error),
    });
    this.#keeper = new LeaseKeeper({
      leaseMs,
      held: this.#held,
      logger,
      renew: async (priority, ids) => {
        const lost = await renewLeases(await route.ready(), this.#stream(priority), consumer, ids);
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
      countOwn: options.countOwn,
      channel: () => route.current,
      levels: () => this.#loop.levels,
      holds: (priority, entryId) => this.#held.has(priority, entryId),
      wanted: () => this.#receiveLine.wanted,
      deliver: (priority, entries, leasedAt) =>
        this.#accept(
          entries.map(({ id, deliveryCount, fields }) =>
            deliveryOf(keys.queue, priority, id, fields, deliveryCount, leasedAt),
          ),
        ),
    });
    this.#recovery = new Recovery({ loop: this.#loop, keeper: this.#keeper, reclaimer: this.#reclaimer, logger });
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
    const { route, keys, consumer } = this.#options;
    const { used, refused } = await ensureQueue(await route.ready(), keys, consumer);
    if (refused.length > 0) throw missingRights(refused, route.address);
    this.#loop.setUsed(used);
    this.#loop.answeredAt = Date.now();
    this.#keeper.start();
    this.#reclaimer.start();
  }

  /** Waits for deliveries; see `Consumer.receive`. */
  receive(consumer: Consumer, max: number, signal: AbortSignal): Promise<readonly Delivery[]> {
    if (signal.aborted || this.#closed) return Promise.resolve([]);
    const received = this.#receiveLine.wait(consumer, max, signal);
    this.#serve(this.#late.take());
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
    this.#durableAcks?.schedule();
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
    const { idleWaiter, route, keys, consumer } = this.#options;
    this.#closed = true;
    this.#late.stop();
    await idleWaiter.remove(this);
    await Promise.all([this.#recovery.idle(), this.#repair.idle(), this.#reclaimer.stop()]);
    await this.#loop.idle();
    await this.giveBack(undefined);
    await this.#keeper.stop();
    this.#loop.stop();
    const channel = route.current;
    if (channel !== undefined) await removeConsumers(channel, keys, this.#loop.levels, [consumer]);
  }

  /**
   * Lets go of what a consumer still holds, and returns how much that is: its lease is renewed no more, so that it is
   * taken over as a dead worker's.
   */
  letGo(consumer: Consumer): number {
    const left = this.#held.of(consumer);
    for (const delivery of left) {
      delivery.state = "lost";
      this.#held.remove(delivery);
    }
    if (left.length > 0) this.#reclaimer.countOwn();
    return left.length;
  }

  /** Stops every timer of a session that could not be closed in time. */
  abandon(): void {
    this.#late.stop();
    this.#loop.stop();
    void this.#keeper.stop();
    void this.#reclaimer.stop();
  }

  /** A connection was made: what the one before it left in doubt is cleared up. */
  recover(): void {
    this.#recovery.start();
  }

  woken(news: IdleNews): void {
    const { keys } = this.#options;
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
          const priority = keys.streams.indexOf(key);
          if (priority < 0) this.#loop.wake(entries[0]?.id ?? "");
          else
            this.#accept(
              entries.map(({ id, fields }) => deliveryOf(keys.queue, priority, id, fields, 1, news.leasedAt)),
            );
        }
        break;
    }
    this.#loop.wake("");
  }

  #accept(deliveries: readonly RedisDelivery[]): void {
    const held = deliveries.filter((delivery) => this.#held.add(delivery));
    const [first] = held;
    if (first === undefined) return;
    this.#options.onHeld();
    // An answer that lay around for a lease may bring what others have taken over meanwhile.
    if (performance.now() - first.leasedAt < this.#options.leaseMs) this.#serve(held);
    else void this.#keeper.confirm(held).then((confirmed) => this.#serve(confirmed));
  }

  #serve(deliveries: readonly RedisDelivery[]): void {
    if (deliveries.length === 0) return;
    const late = this.#receiveLine.serve(deliveries);
    const { idleWaiter } = this.#options;
    if (this.#receiveLine.wanted === 0 && idleWaiter.holds(this)) void idleWaiter.remove(this);
    if (late.length > 0) this.#late.keep([...this.#late.take(), ...late]);
    if (this.#closed) this.#late.stop();
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
    if (code === "NOGROUP" || code === "UNBLOCKED") this.#repair.start(error);
    else this.#receiveLine.fail(error);
  }

  #stream(priority: number): string {
    return this.#options.keys.streams[priority] ?? "";
  }
}
