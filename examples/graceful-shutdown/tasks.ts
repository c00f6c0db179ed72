import { setTimeout as sleep } from "node:timers/promises";
import { Chicory } from "@chicory/core";

export const app = new Chicory();

/** Ends well within the time that a stop leaves it. */
export const short = app.task("short", async () => {
  await sleep(200);
  console.log("short: done");
});

/** Would take a minute, and gives up when it is told to. */
export const long = app.task("long", async (_input: undefined, ctx) => {
  if (process.env.SECOND_WORKER === "yes") {
    console.log("long: done by the second worker");
    return;
  }
  await sleep(60_000, undefined, { signal: ctx.signal });
});
