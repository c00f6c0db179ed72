import { Chicory } from "@chicory/core";

export const app = new Chicory();

/** Stands for a system that is down until somebody repairs it. */
export const partner = { up: false };

export const syncOrder = app.task(
  "order.sync",
  { queue: "orders", retry: { maxRetries: 1, delayMs: 100 } },
  async ({ order }: { order: number }, ctx) => {
    if (order < 0) ctx.fail("there are no orders with negative numbers");
    if (!partner.up) throw new Error("the partner's system is down");
    console.log(`order ${order} is synchronised`);
  },
);
