import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "@chicory/worker";
import { app, invoice, sms } from "./tasks.js";

const folder = await mkdtemp(join(tmpdir(), "chicory-example-"));
const journal = join(folder, "journal");
await writeFile(journal, "");
const starts = async (name: string) =>
  (await readFile(journal, "utf8")).split("\n").filter((line) => line === name).length;

await invoice.send({ journal });
await sms.send({ journal });

// A worker starts both tasks, and is killed while it runs them.
const doomed = spawn(process.execPath, ["--import", "tsx", "doomed-worker.ts"], {
  env: { ...process.env, HANG: "yes" },
  stdio: "inherit",
});
while ((await starts("invoice")) + (await starts("sms")) < 2) await sleep(50);
doomed.kill("SIGKILL");
console.log("the worker was killed while it ran both tasks");

// Another one takes over what is left.
const worker = new Worker(app);
const tookOver = new Promise<void>((resolve) => {
  worker.on("succeeded", () => resolve());
});
await worker.start();
await tookOver;
await worker.stop();

console.log(`invoice, at least once: started ${await starts("invoice")} times`);
console.log(`sms, at most once: started ${await starts("sms")} time`);
const { ready, inFlight } = await app.broker.depth();
console.log(`${ready + (inFlight ?? 0)} tasks are left`);
await app.close();
await rm(folder, { recursive: true });
