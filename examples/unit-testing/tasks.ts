import { Chicory, type ChicoryOptions } from "@chicory/core";

/** What the tasks need of the world. */
export interface Mailer {
  send(to: string, subject: string): Promise<void>;
}

const WEEK_MS = 7 * 24 * 3_600_000;

/** Makes the app from what it needs, so that a test can give it another mailer and another broker. */
export function createApp(mailer: Mailer, options: ChicoryOptions = {}) {
  const app = new Chicory(options);

  const askForFeedback = app.task("feedback", async ({ to }: { to: string }) => {
    await mailer.send(to, "How do you like it?");
  });

  const welcome = app.task(
    "welcome",
    { retry: { maxRetries: 2, delayMs: 60_000 } },
    async ({ to }: { to: string }, ctx) => {
      if (!to.includes("@")) ctx.fail(`${to} is no address`);
      await mailer.send(to, "Welcome");
      await askForFeedback.send({ to }, { delayMs: WEEK_MS });
    },
  );

  return { app, welcome, askForFeedback };
}
