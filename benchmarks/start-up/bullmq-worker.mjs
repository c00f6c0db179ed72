// A worker's script as BullMQ's documentation has it. Its job says on standard output that it runs.
import { Worker } from "bullmq";

const worker = new Worker("bench", async () => process.stdout.write("executed\n"), {
  connection: { host: process.env.BENCH_REDIS_HOST, port: Number(process.env.BENCH_REDIS_PORT) },
});

process.once("SIGTERM", () => worker.close());
