import { Chicory } from "@chicory/core";

export const app = new Chicory();

export const remind = app.task("remind", async ({ text, due }: { text: string; due: number }) => {
  const lateMs = Date.now() - due;
  console.log(`${text} (${lateMs < 0 ? "too early" : "not before its time"})`);
});
