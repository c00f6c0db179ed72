import { Chicory } from "@chicory/core";

export const app = new Chicory();

export const greet = app.task("greet", async ({ who }: { who: string }, ctx) => {
  console.log(`Hello, ${who}! (message ${ctx.id})`);
});
