import type { OutgoingMessages } from "../publishing/outgoing.js";
import { toBytes } from "../publishing/outgoing.js";
import type { Argument } from "../scripts/script.js";
import type { PendingSettlement } from "./settle-line.js";

/** Settlements as the step script takes them. */
export interface StepArguments {
  readonly settlements: readonly Argument[];
  /** The settlements in the order in which the script counts them. */
  readonly order: readonly PendingSettlement[];
  /** Priorities whose streams the settlements touch. */
  readonly priorities: ReadonlySet<number>;
}

/**
 * Writes settlements as arguments. Acks whose lease this process certainly still has are grouped by stream and settled
 * by one command each; an ack whose lease may have run out unnoticed asks for the owner, so that a worker that lost a
 * task cannot settle it.
 */
export function stepArguments(
  pending: readonly PendingSettlement[],
  outgoing: OutgoingMessages,
  leaseIsSure: (entry: PendingSettlement) => boolean,
): StepArguments {
  const plain = new Map<number, PendingSettlement[]>();
  const others: PendingSettlement[] = [];
  const priorities = new Set<number>();
  for (const entry of pending) {
    const { priority } = entry.delivery;
    if (entry.settlement.kind !== "ack" || !leaseIsSure(entry)) {
      others.push(entry);
      priorities.add(priority);
      continue;
    }
    const group = plain.get(priority);
    if (group === undefined) plain.set(priority, [entry]);
    else group.push(entry);
  }

  const settlements: Argument[] = [plain.size];
  const order: PendingSettlement[] = [];
  for (const [priority, group] of plain) {
    priorities.add(priority);
    settlements.push(priority, group.length);
    for (const entry of group) {
      settlements.push(entry.delivery.entryId);
      order.push(entry);
    }
  }
  for (const entry of others) {
    pushSingle(settlements, entry, outgoing);
    order.push(entry);
    if (entry.settlement.kind === "retry") priorities.add(entry.settlement.replacement.priority);
  }
  return { settlements, order, priorities };
}

function pushSingle(args: Argument[], { settlement, delivery }: PendingSettlement, outgoing: OutgoingMessages): void {
  const { priority, entryId } = delivery;
  switch (settlement.kind) {
    case "ack":
      args.push("a", priority, entryId);
      break;
    case "requeue":
      // An entry that no script can write again is given back as what it was taken for.
      if (delivery.isWide) args.push("r", priority, entryId, priority, "", "", toBytes(delivery.body));
      else args.push("q", priority, entryId);
      break;
    case "retry": {
      const message = outgoing.toScript(settlement.replacement);
      args.push("r", priority, entryId, message.priority, message.dueAt ?? "", message.member, message.body);
      break;
    }
    case "deadLetter": {
      const { body, record } = settlement.letter;
      args.push("d", priority, entryId, toBytes(body), JSON.stringify(record));
      break;
    }
  }
}
