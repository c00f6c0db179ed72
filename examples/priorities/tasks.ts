import { Chicory } from "@chicory/core";

export const app = new Chicory();

export const render = app.task("render", { queue: "pages", priority: 1 }, async ({ page }: { page: string }) => {
  console.log(`rendered ${page}`);
});
