import { setTimeout as sleep } from "node:timers/promises";
import type { BrokerHarness, HarnessDriverOptions } from "@chicory/conformance";
import type { BrokerDriver } from "@chicory/core";
import { capabilities } from "../src/capabilities.js";
import { GROUP, KeyBuilder } from "../src/keys.js";
import { ProxiedDriver, type RedisStage } from "./redis-stage.js";

/** Short, so that takeovers are waited for seconds; long beside what a loaded machine delays a renewal by. */
const LEASE_MS = 1_500;

/** Real servers for the conformance suite; every driver reaches them through proxies of its own. */
export class RedisHarness implements BrokerHarness {
  readonly capabilities = capabilities;
  readonly leaseMs = LEASE_MS;

  readonly #stage: RedisStage;
  readonly #keys = new KeyBuilder("conformance");
  readonly #drivers = new Map<BrokerDriver, ProxiedDriver>();
  readonly #crashed: Promise<void>[] = [];

  constructor(stage: RedisStage) {
    this.#stage = stage;
  }

  createDriver({ maxLength = 0 }: HarnessDriverOptions = {}): BrokerDriver {
    const proxied = new ProxiedDriver({
      ...this.#stage.place,
      keyPrefix: "conformance",
      leaseMs: LEASE_MS,
      maxLength,
      commandTimeoutMs: 3_000,
      connectTimeoutMs: 3_000,
    });
    this.#drivers.set(proxied.driver, proxied);
    return proxied.driver;
  }

  async now(): Promise<number> {
    const [seconds, micros] = await this.#stage.admin.time();
    return Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
  }

  async elapse(ms: number): Promise<void> {
    await sleep(ms);
  }

  async crash(driver: BrokerDriver): Promise<void> {
    await this.#drivers.get(driver)?.stop();
    this.#drivers.delete(driver);
    // Only its timers and sockets end: nothing of it reaches a server any more.
    this.#crashed.push(driver.close());
  }

  async isolate(driver: BrokerDriver): Promise<() => Promise<void>> {
    const proxied = this.#drivers.get(driver);
    await proxied?.isolate();
    return async () => await proxied?.heal();
  }

  async severConnections(): Promise<void> {
    await this.sever(this.#drivers.keys());
  }

  /** Cuts the connections of these drivers once. */
  async sever(drivers: Iterable<BrokerDriver>): Promise<void> {
    await Promise.all([...drivers].map((driver) => this.#drivers.get(driver)?.sever()));
  }

  async restartServer(): Promise<void> {
    await this.#stage.restart();
  }

  async putForeign(queue: string, body: Uint8Array): Promise<void> {
    await this.#stage.admin.xadd(this.#keys.queue(queue).streams[0] ?? "", "*", "m", Buffer.from(body));
  }

  async storedCount(queue: string): Promise<number> {
    const { admin } = this.#stage;
    const keys = this.#keys.queue(queue);
    const pending = async (stream: string) => {
      const summary = (await admin.xpending(stream, GROUP).catch(() => [0])) as [number];
      return summary[0];
    };
    const counts = await Promise.all([
      ...keys.streams.map((stream) => admin.xlen(stream)),
      ...keys.streams.map(pending),
      admin.xlen(keys.deadLetters),
      admin.zcard(keys.delayed),
      admin.hlen(keys.bodies),
    ]);
    return counts.reduce((sum, count) => sum + count, 0);
  }

  async close(): Promise<void> {
    await Promise.all(this.#crashed);
    await Promise.all([...this.#drivers.values()].map((proxied) => proxied.stop()));
    await this.#stage.stop();
  }
}
