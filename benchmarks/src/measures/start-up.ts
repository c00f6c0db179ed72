import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { OpenProducer } from "../contenders/producer.js";
import { payload } from "../payload.js";
import { type Measure, redisOf } from "../workload.js";
import { RedisProbe } from "./redis-probe.js";

/** What a user starts, seen from the build. */
const FOLDER = fileURLToPath(new URL("../start-up/", import.meta.url));

/** Longest time to the first task, in milliseconds. */
const DEADLINE_MS = 60_000;

/** A worker as a user starts it. */
export interface StartUp {
  /** Arguments of Node. */
  readonly args: readonly string[];
  /** Opens what sends the first task. */
  readonly producer: OpenProducer;
}

/** Arguments that run `chicory worker`, without what npx would add. */
export function chicoryWorker(): readonly string[] {
  const manifest = createRequire(import.meta.url).resolve("@chicory/cli/package.json");
  return [join(dirname(manifest), "dist/bin.js"), "worker", "chicory-app.mjs:app"];
}

/** Measures the time from the start of a worker's process to the call of its first handler; the task waits already. */
export function startUp({ args, producer }: StartUp): Measure {
  return async (round) => {
    const { host, port } = redisOf(round);
    const probe = await RedisProbe.open({ host, port });
    const sender = await producer(round);
    try {
      await probe.flush();
      await sender.send(payload(0));
      return { ms: await timeToFirstTask(args, { BENCH_REDIS_HOST: host, BENCH_REDIS_PORT: String(port) }) };
    } finally {
      await sender.close();
      await probe.close();
    }
  };
}

async function timeToFirstTask(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const startedAt = performance.now();
  const worker = spawn(process.execPath, args, {
    cwd: FOLDER,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const gone = once(worker, "exit");
  try {
    const signal = AbortSignal.timeout(DEADLINE_MS);
    const executed = once(createInterface({ input: worker.stdout }), "line", { signal }).then(() => performance.now());
    const ended = gone.then(([code]) => {
      throw new Error(`The worker ended with status ${code} before its first task`);
    });
    return (await Promise.race([executed, ended])) - startedAt;
  } finally {
    worker.kill("SIGTERM");
    await gone;
  }
}
