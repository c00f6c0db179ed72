import { setTimeout as sleep } from "node:timers/promises";
import { memory } from "@chicory/broker-memory";
import { Chicory } from "@chicory/core";

/** With `memory()` everything is in this process. Without it, the app uses whichever broker is installed. */
export const app = new Chicory({ broker: memory() });

/** An ordinary task. */
export const sendEmail = app.task("email.send", { queue: "emails" }, async (_input: { to: string }, ctx) => {
  await sleep(600, undefined, { signal: ctx.signal });
});

/** Fails twice, and is tried again. */
export const chargeCard = app.task(
  "card.charge",
  { retry: { maxRetries: 3, delayMs: 800, backoff: "exponential" } },
  async (_input: { order: number }, ctx) => {
    await sleep(300, undefined, { signal: ctx.signal });
    if (ctx.attempt <= 2) throw new Error("the bank does not answer");
  },
);

/** Never succeeds, and ends in the dead letters. */
export const syncPartner = app.task(
  "partner.sync",
  { retry: { maxRetries: 2, delayMs: 1_000, backoff: "fixed" } },
  async (_input: { partner: string }) => {
    throw new Error("the partner's server is gone");
  },
);

/** Sent to run later. */
export const sendReport = app.task("report.send", async (_input: { month: string }) => {});

/** Waits in a busy queue. */
export const renderPage = app.task("page.render", { queue: "pages" }, async (_input: { page: number }, ctx) => {
  await sleep(500, undefined, { signal: ctx.signal });
});

/** Has priority 9, so it overtakes what waits in the same queue. */
export const pageOnCall = app.task(
  "oncall.page",
  { queue: "pages", priority: 9 },
  async (_input: { text: string }) => {},
);
