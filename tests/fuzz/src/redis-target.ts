import { randomUUID } from "node:crypto";
import { redis } from "@chicory/broker-redis";
import { type RedisServer, startRedis } from "@chicory/test-servers";
import fc from "fast-check";
import { Redis } from "ioredis";
import { FuzzedWorker, QUEUE } from "./fuzzed-worker.js";
import { type RedisCase, redisCase } from "./redis-entries.js";
import type { Letter, Target } from "./target.js";

/** Letters that are read at once. */
const PAGE = 500;

/** A Redis with a worker, and a client beside it that writes whatever it likes. */
export class RedisTarget implements Target<RedisCase> {
  readonly name = "redis";
  readonly worker: FuzzedWorker;
  readonly #server: RedisServer;
  readonly #client: Redis;
  readonly #prefix = `fuzz-${randomUUID().slice(0, 8)}`;

  private constructor(server: RedisServer) {
    this.#server = server;
    this.#client = new Redis({ host: server.host, port: server.port });
    this.worker = new FuzzedWorker({
      broker: redis({ host: server.host, port: server.port, keyPrefix: this.#prefix }),
    });
  }

  static async start(): Promise<RedisTarget> {
    const target = new RedisTarget(await startRedis({ ownServer: true }));
    // As if priorities had been used before: entries are put straight into their streams.
    await target.#client.set(target.#key("priorities"), "91");
    await target.worker.start();
    return target;
  }

  generate(count: number, seed: number): readonly RedisCase[] {
    return fc.sample(redisCase, { seed, numRuns: count });
  }

  good(_id: string, body: Buffer): RedisCase {
    return { body, fields: [Buffer.from("m"), body], priority: 0 };
  }

  async put(cases: readonly RedisCase[]): Promise<ReadonlySet<number>> {
    const pipeline = this.#client.pipeline();
    for (const { fields, priority } of cases) pipeline.xadd(this.#stream(priority), "*", ...fields);
    const replies = (await pipeline.exec()) ?? [];
    const failed = replies.find(([error]) => error !== null)?.[0];
    if (failed) throw failed;
    return new Set();
  }

  async takeLetters(): Promise<readonly Letter[]> {
    const key = this.#key("dlq");
    const letters: Letter[] = [];
    for (;;) {
      const entries = await this.#client.xrangeBuffer(key, "-", "+", "COUNT", PAGE);
      if (entries.length === 0) return letters;
      for (const [, fields] of entries) letters.push(toLetter(fields));
      await this.#client.xdel(key, ...entries.map(([id]) => id));
    }
  }

  async leftovers(): Promise<string> {
    const lengths = await Promise.all([0, 1, 9].map((priority) => this.#client.xlen(this.#stream(priority))));
    const delayed = await this.#client.zcard(this.#key("delayed"));
    return lengths.some((length) => length > 0) || delayed > 0
      ? `streams hold ${lengths.join(", ")} entries, ${delayed} are delayed`
      : "";
  }

  async close(): Promise<void> {
    await this.worker.stop();
    this.#client.disconnect();
    await this.#server.stop();
  }

  #stream(priority: number): string {
    return priority === 0 ? this.#key("stream") : `${this.#key("stream")}:p${priority}`;
  }

  #key(kind: string): string {
    return `${this.#prefix}:${kind}:{${QUEUE}}`;
  }
}

function toLetter(fields: readonly Buffer[]): Letter {
  const value = (name: string) =>
    fields[fields.findIndex((field, at) => at % 2 === 0 && field.toString() === name) + 1];
  const record = JSON.parse(String(value("e"))) as { readonly reason?: unknown };
  return { body: value("m") ?? Buffer.of(), reason: String(record.reason) };
}
