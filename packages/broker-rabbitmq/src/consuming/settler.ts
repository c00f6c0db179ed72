import { type Delivery, type Settlement, SettlementError, type SettleResult } from "@chicory/core";
import { letterParcel, type Parcel } from "../messages/parcel.js";
import { repeatedParcel } from "../messages/repeated-parcel.js";
import type { Failure, Outbox } from "../publishing/outbox.js";
import type { Names } from "../topology/names.js";
import { RabbitmqDelivery } from "./rabbitmq-delivery.js";

/** A settlement under way: the delivery is marked, and `done` unmarks it. */
interface Task {
  readonly settlement: Exclude<Settlement, { kind: "ack" }>;
  readonly delivery: RabbitmqDelivery;
  readonly done: () => void;
}

/**
 * Settles deliveries of one consumer. What takes a delivery's place is stored with a confirm before the delivery is
 * acked: a crash between the two shows both, never neither.
 */
export class Settler {
  readonly #names: Names;
  readonly #outbox: Outbox;

  constructor(names: Names, outbox: Outbox) {
    this.#names = names;
    this.#outbox = outbox;
  }

  /** As `Consumer.settle`. */
  async settle(settlements: readonly Settlement[]): Promise<SettleResult> {
    const lost = new Set<Delivery>();
    const failed: { readonly settlement: Settlement; readonly cause: Error }[] = [];
    let open = settlements;
    while (open.length > 0) {
      const { acks, tasks, busy } = sort(open, lost);
      for (const delivery of ackAll(acks)) lost.add(delivery);
      for (const { settlement, cause } of await this.#replace(tasks, lost)) failed.push({ settlement, cause });
      // Of several settlements of one delivery at the same time the first takes; another only if that one fails.
      await Promise.all(busy.map(({ delivery }) => delivery instanceof RabbitmqDelivery && delivery.settled));
      open = busy;
    }
    const lostInOrder = settlements.map(({ delivery }) => delivery).filter((delivery) => lost.has(delivery));
    const unique = [...new Set(lostInOrder)];
    const [first] = failed;
    if (first === undefined) return { lost: unique };
    throw new SettlementError(
      failed.map(({ settlement }) => settlement),
      first.cause,
      unique,
    );
  }

  /**
   * Puts deliveries that nobody began to run back into their queue as they were, as new copies: the server would count
   * this hand-out, and a message at most once that was handed out before is never run. Returns those that stay.
   */
  async giveBack(deliveries: readonly RabbitmqDelivery[]): Promise<readonly RabbitmqDelivery[]> {
    const before = new Map(deliveries.map((delivery) => [delivery, delivery.state]));
    const dones = deliveries.map((delivery) => mark(delivery));
    const failures = await this.#outbox.sendParcels(
      deliveries.map((delivery) => repeatedParcel(delivery, this.#names)),
    );
    const stored = deliveries.filter((delivery, index) => failures[index] === undefined && delivery.state !== "lost");
    ackAll(stored);
    const staying = deliveries.filter((delivery) => delivery.state === "settling");
    for (const delivery of staying) delivery.state = before.get(delivery) ?? "kept";
    for (const done of dones) done();
    return staying;
  }

  async #replace(
    tasks: readonly Task[],
    lost: Set<Delivery>,
  ): Promise<readonly { readonly settlement: Settlement; readonly cause: Error }[]> {
    if (tasks.length === 0) return [];
    const failures = await this.#store(tasks.map(({ settlement }) => settlement));
    const stored = tasks.filter((_, index) => failures[index] === undefined).map(({ delivery }) => delivery);
    for (const delivery of ackAll(stored)) lost.add(delivery);
    const failed = tasks.flatMap(({ settlement, delivery }, index) => {
      const failure = failures[index];
      if (failure === undefined) return [];
      if (delivery.state === "lost") {
        lost.add(delivery);
        return [];
      }
      delivery.state = "open";
      return [{ settlement, cause: failure.cause }];
    });
    for (const { done } of tasks) done();
    return failed;
  }

  async #store(settlements: readonly Task["settlement"][]): Promise<readonly (Failure | undefined)[]> {
    const retries = settlements.flatMap((settlement) => (settlement.kind === "retry" ? [settlement.replacement] : []));
    const parcels = settlements.flatMap((settlement) => this.#parcelOf(settlement) ?? []);
    const [retried, others] = await Promise.all([
      retries.length === 0 ? [] : this.#outbox.sendReplacements(retries),
      parcels.length === 0 ? [] : this.#outbox.sendParcels(parcels),
    ]);
    let [retry, other] = [0, 0];
    return settlements.map(({ kind }) => (kind === "retry" ? retried[retry++] : others[other++]));
  }

  #parcelOf(settlement: Task["settlement"]): Parcel | undefined {
    const { delivery } = settlement;
    switch (settlement.kind) {
      case "retry":
        return undefined;
      case "deadLetter":
        return letterParcel(settlement.letter, delivery.queue, this.#names, Date.now());
      case "requeue":
        return delivery instanceof RabbitmqDelivery ? repeatedParcel(delivery, this.#names) : undefined;
    }
  }
}

/** Marks what can be settled now; finds what is lost, and what somebody else settles at this moment. */
function sort(
  settlements: readonly Settlement[],
  lost: Set<Delivery>,
): { readonly acks: RabbitmqDelivery[]; readonly tasks: Task[]; readonly busy: Settlement[] } {
  const acks: RabbitmqDelivery[] = [];
  const tasks: Task[] = [];
  const busy: Settlement[] = [];
  for (const settlement of settlements) {
    const { delivery } = settlement;
    if (!(delivery instanceof RabbitmqDelivery) || delivery.state === "over" || delivery.state === "lost") {
      lost.add(delivery);
    } else if (delivery.state === "settling") {
      busy.push(settlement);
    } else if (settlement.kind === "ack") {
      delivery.state = "over";
      acks.push(delivery);
    } else {
      tasks.push({ settlement, delivery, done: mark(delivery) });
    }
  }
  return { acks, tasks, busy };
}

/** Marks a delivery as being settled until the returned function is called. */
function mark(delivery: RabbitmqDelivery): () => void {
  let done: () => void = () => undefined;
  delivery.settleBy(
    new Promise((resolve) => {
      done = resolve;
    }),
  );
  return done;
}

/** Acks deliveries by the channels that they came by; returns those for which it was too late. */
function ackAll(deliveries: readonly RabbitmqDelivery[]): readonly RabbitmqDelivery[] {
  const sessions = new Set(deliveries.map(({ session }) => session));
  const late = [...sessions].flatMap((session) =>
    session.ack(deliveries.filter((delivery) => delivery.session === session)),
  );
  const lost = new Set(late);
  for (const delivery of deliveries) delivery.state = lost.has(delivery) ? "lost" : "over";
  return late;
}
