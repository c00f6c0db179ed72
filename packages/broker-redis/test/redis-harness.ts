import { setTimeout as sleep } from "node:timers/promises";
import type { BrokerHarness, HarnessDriverOptions } from "@chicory/conformance";
import type { BrokerDriver } from "@chicory/core";
import { type RedisServer, startRedis, startTcpProxy, type TcpProxy } from "@chicory/test-servers";
import { Redis } from "ioredis";
import { capabilities } from "../src/capabilities.js";
import { GROUP, KeyBuilder } from "../src/keys.js";
import { redis } from "../src/redis.js";

/** Short, so that takeovers are waited for seconds; long beside what a loaded machine delays a renewal by. */
const LEASE_MS = 1_500;

/** Proxies are started ahead, since drivers are made synchronously. */
const SPARE_PROXIES = 24;

/** A real server for the conformance suite; every driver reaches it through a proxy of its own. */
export class RedisHarness implements BrokerHarness {
  readonly capabilities = capabilities;
  readonly leaseMs = LEASE_MS;

  readonly #server: RedisServer;
  readonly #admin: Redis;
  readonly #keys = new KeyBuilder("conformance");
  readonly #proxies = new Map<BrokerDriver, TcpProxy>();
  readonly #spare: TcpProxy[] = [];
  readonly #starting = new Set<Promise<void>>();
  readonly #crashed: Promise<void>[] = [];

  private constructor(server: RedisServer) {
    this.#server = server;
    this.#admin = new Redis({ host: server.host, port: server.port });
    this.#admin.on("error", () => undefined);
  }

  static async start(): Promise<RedisHarness> {
    const harness = new RedisHarness(await startRedis({ appendonly: true }));
    for (let spare = 0; spare < SPARE_PROXIES; spare++) harness.#startSpare();
    await Promise.all(harness.#starting);
    return harness;
  }

  createDriver({ maxLength = 0 }: HarnessDriverOptions = {}): BrokerDriver {
    const proxy = this.#spare.shift();
    if (proxy === undefined) throw new Error("no spare proxy: raise SPARE_PROXIES");
    this.#startSpare();
    const driver = redis({
      host: proxy.host,
      port: proxy.port,
      keyPrefix: "conformance",
      leaseMs: LEASE_MS,
      maxLength,
      commandTimeoutMs: 3_000,
    });
    this.#proxies.set(driver, proxy);
    return driver;
  }

  async now(): Promise<number> {
    const [seconds, micros] = await this.#admin.time();
    return Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
  }

  async elapse(ms: number): Promise<void> {
    await sleep(ms);
  }

  async crash(driver: BrokerDriver): Promise<void> {
    await this.#proxies.get(driver)?.stop();
    this.#proxies.delete(driver);
    // Only its timers and sockets end: nothing of it reaches the server any more.
    this.#crashed.push(driver.close());
  }

  async isolate(driver: BrokerDriver): Promise<() => Promise<void>> {
    const proxy = this.#proxies.get(driver);
    proxy?.blackhole();
    return async () => proxy?.heal();
  }

  async severConnections(): Promise<void> {
    for (const proxy of this.#proxies.values()) proxy.sever();
  }

  async restartServer(): Promise<void> {
    await this.#server.restart();
  }

  async putForeign(queue: string, body: Uint8Array): Promise<void> {
    await this.#admin.xadd(this.#keys.queue(queue).streams[0] ?? "", "*", "m", Buffer.from(body));
  }

  async storedCount(queue: string): Promise<number> {
    const keys = this.#keys.queue(queue);
    const pending = async (stream: string) => {
      const summary = (await this.#admin.xpending(stream, GROUP).catch(() => [0])) as [number];
      return summary[0];
    };
    const counts = await Promise.all([
      ...keys.streams.map((stream) => this.#admin.xlen(stream)),
      ...keys.streams.map(pending),
      this.#admin.xlen(keys.deadLetters),
      this.#admin.zcard(keys.delayed),
      this.#admin.hlen(keys.bodies),
    ]);
    return counts.reduce((sum, count) => sum + count, 0);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#crashed, ...this.#starting]);
    this.#admin.disconnect();
    await Promise.all([...this.#spare, ...this.#proxies.values()].map((proxy) => proxy.stop()));
    await this.#server.stop();
  }

  #startSpare(): void {
    const starting = startTcpProxy(this.#server).then((proxy) => {
      this.#spare.push(proxy);
      this.#starting.delete(starting);
    });
    this.#starting.add(starting);
  }
}
