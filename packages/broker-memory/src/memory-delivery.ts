import type { Delivery } from "@chicory/core";
import type { Lease } from "./stored-message.js";

/** One hand-out, with the token of its lease. */
export class MemoryDelivery implements Delivery {
  readonly id: string;
  readonly queue: string;
  readonly body: Uint8Array;
  readonly deliveryCount: number;
  readonly redelivered: boolean;
  /** Names the lease on the server; no other hand-out has the same. */
  readonly token: number;

  constructor(queue: string, { message, token }: Lease) {
    this.id = message.id;
    this.queue = queue;
    // A copy, so that a handler that writes into it does not change what a later hand-out would bring.
    this.body = Uint8Array.from(message.body);
    this.deliveryCount = message.handOuts;
    this.redelivered = message.handOuts > 1;
    this.token = token;
  }
}

/** The token of a delivery, or undefined for one that is not of this broker. */
export function tokenOf(delivery: Delivery): number | undefined {
  return delivery instanceof MemoryDelivery ? delivery.token : undefined;
}
