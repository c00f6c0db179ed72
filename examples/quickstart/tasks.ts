import { Chicory } from "@chicory/core";
import * as v from "valibot";

export const app = new Chicory();

export const sendEmail = app.task(
  "email.send",
  { input: v.object({ to: v.pipe(v.string(), v.email()), subject: v.string() }), queue: "emails" },
  async ({ to, subject }) => {
    console.log(`sending "${subject}" to ${to}`);
  },
);

export const add = app.task("add", async ({ a, b }: { a: number; b: number }) => {
  console.log(`${a} + ${b} = ${a + b}`);
  return a + b;
});
