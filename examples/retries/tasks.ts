import { Chicory } from "@chicory/core";

export const app = new Chicory();

/** Trying again cannot help: the answer will be the same. */
export class CardDeclinedError extends Error {
  override readonly name = "CardDeclinedError";
}

export const charge = app.task(
  "charge",
  {
    // Pauses of about 0.2, 0.4 and 0.8 seconds.
    retry: { maxRetries: 3, delayMs: 200, backoff: "exponential", ignoreOn: [CardDeclinedError] },
  },
  async ({ order, card }: { order: string; card: "good" | "slow bank" | "stolen" }, ctx) => {
    if (card === "stolen") throw new CardDeclinedError("the card was reported stolen");
    if (card === "slow bank" && ctx.attempt <= 2) throw new Error("the bank did not answer");
    console.log(`${order}: charged at attempt ${ctx.attempt}`);
  },
);

export const poll = app.task(
  "poll",
  { retry: { maxRetries: 5 } },
  // A handler may ask for another attempt itself, and say when.
  async ({ report }: { report: string }, ctx) => {
    if (ctx.attempt < 3) ctx.retry({ delayMs: 100, reason: "the report is not ready" });
    console.log(`${report}: ready at attempt ${ctx.attempt}`);
  },
);
