import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "@chicory/worker";
import { Journal } from "./journal.js";
import { say } from "./screen.js";
import { type Check, printSummary } from "./summary.js";
import { app, chargeCard, pageOnCall, renderPage, sendEmail, sendReport, syncPartner } from "./tasks.js";

const PAGES = 6;
const REPORT_DELAY_MS = 4_000;
/** The whole takes about five seconds; something hangs if it takes this long. */
const DEADLINE_MS = 60_000;
/** Pause between two sends, so that a reader can follow. */
const PAUSE_MS = 150;

const journal = new Journal();
let reportSentAt = 0;

// The producer: any process that has the app. It knows no worker, and waits only until the broker has stored a task.
// These wait in their queue before a worker starts, so that priority has something to choose from.
for (let page = 1; page <= PAGES; page++) journal.noteSent("page.render", await renderPage.send({ page }));
journal.noteSent("oncall.page", await pageOnCall.send({ text: "disk full" }), ", with priority 9");

// The worker: usually another process, started by `chicory worker tasks:app`. Two tasks at a time in each queue.
const worker = new Worker(app, { concurrency: 2 });
journal.watch(worker);
await worker.start();
say("worker", `consumes ${app.tasks.queues().join(", ")}`);

await produce();

const deadline = performance.now() + DEADLINE_MS;
while (journal.ended < journal.sent.length && performance.now() < deadline) await sleep(50);
await worker.stop();
say("worker", "has stopped");

const checks = await count();
await app.close();
process.exitCode = printSummary(checks) ? 0 : 1;

async function produce(): Promise<void> {
  reportSentAt = Date.now();
  const report = await sendReport.send({ month: "May" }, { delayMs: REPORT_DELAY_MS });
  journal.noteSent("report.send", report, `, to run in ${REPORT_DELAY_MS} ms`);
  await sleep(PAUSE_MS);
  journal.noteSent("card.charge", await chargeCard.send({ order: 1 }));
  await sleep(PAUSE_MS);
  journal.noteSent("partner.sync", await syncPartner.send({ partner: "acme" }));
  for (const to of ["ada@example.com", "grace@example.com", "alan@example.com"]) {
    await sleep(PAUSE_MS);
    journal.noteSent("email.send", await sendEmail.send({ to }));
  }
}

/** Counts what happened: from the worker's events, from the broker, and from the times of the starts. */
async function count(): Promise<Check[]> {
  const { starts, sent, succeeded, retried } = journal;
  const reportRanAt = starts.find(({ name }) => name === "report.send")?.at ?? 0;
  const firstPage = starts.findIndex(({ name }) => name === "page.render");
  const alert = starts.findIndex(({ name }) => name === "oncall.page");
  const depths = await Promise.all(app.tasks.queues().map((queue) => app.broker.depth(queue)));
  const left = depths.reduce((sum, { ready, delayed, inFlight }) => sum + ready + (delayed ?? 0) + (inFlight ?? 0), 0);
  const letters = depths.reduce((sum, { deadLetters }) => sum + deadLetters, 0);
  const [letter] = (await app.broker.deadLetters().list()).letters;
  const waited = reportRanAt - reportSentAt;
  return [
    { what: "tasks sent", expected: 6 + PAGES + 1, counted: sent.length },
    { what: "executions, retries included", expected: sent.length + 4, counted: starts.length },
    { what: "tasks that succeeded", expected: sent.length - 1, counted: succeeded.length },
    { what: "retries of card.charge", expected: 2, counted: retried.filter((name) => name === "card.charge").length },
    { what: "retries of partner.sync", expected: 2, counted: retried.filter((name) => name === "partner.sync").length },
    { what: "dead letters in the broker", expected: 1, counted: letters },
    { what: "  its task", expected: "partner.sync", counted: letter?.record.taskName ?? "none" },
    { what: "  its attempts", expected: 3, counted: letter?.record.attempts ?? 0 },
    { what: "the delayed task waited its time", expected: "yes", counted: waited >= REPORT_DELAY_MS ? "yes" : "no" },
    { what: "the priority task came first", expected: "yes", counted: alert >= 0 && alert < firstPage ? "yes" : "no" },
    { what: "tasks left in the broker", expected: 0, counted: left },
  ];
}
