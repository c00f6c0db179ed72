import { randomUUID } from "node:crypto";
import {
  type BrokerDriver,
  type Consumer,
  type Delivery,
  DeliveryMode,
  type OutgoingMessage,
  PublishError,
  SettlementError,
} from "@chicory/core";
import { eventually, type RedisServer } from "@chicory/test-servers";
import { Redis } from "ioredis";
import type { RedisOptions } from "../src/config.js";
import { KeyBuilder, type QueueKeys } from "../src/keys.js";
import { redis } from "../src/redis.js";

/** Longest wait for something that should happen soon, on a busy machine. */
const DEADLINE_MS = 20_000;

/** What a test of this driver works with: names of its own on a server that others use too. */
export class Fixture {
  readonly prefix = `test-${randomUUID()}`;
  readonly queue = "work";
  readonly keys: QueueKeys = new KeyBuilder(this.prefix).queue(this.queue);
  /** A client of its own, as an operator has one. */
  readonly admin: Redis;
  readonly #place: RedisOptions;
  readonly #drivers: BrokerDriver[] = [];

  constructor(server: Pick<RedisServer, "host" | "port">, place: RedisOptions = {}) {
    this.#place = { host: server.host, port: server.port, ...place };
    this.admin = new Redis({ host: server.host, port: server.port, lazyConnect: true, retryStrategy: () => 50 });
    this.admin.on("error", () => undefined);
  }

  driver(options: RedisOptions = {}): BrokerDriver {
    return this.driverAt({ ...this.#place, ...options });
  }

  /** A driver on other servers than the fixture's. */
  driverAt(options: RedisOptions): BrokerDriver {
    const driver = redis({ keyPrefix: this.prefix, leaseMs: 1_500, ...options });
    this.#drivers.push(driver);
    return driver;
  }

  consumer(driver: BrokerDriver = this.driver()): Promise<Consumer> {
    return driver.consume(this.queue, { worker: "tester", credits: 100 });
  }

  message(body: string, fields: Partial<OutgoingMessage> = {}): OutgoingMessage {
    const id = randomUUID();
    return { id, queue: this.queue, body, mode: DeliveryMode.AT_LEAST_ONCE, priority: 0, ...fields };
  }

  batch(count: number, prefix = "m"): OutgoingMessage[] {
    return Array.from({ length: count }, (_, index) => this.message(`${prefix}${index}`));
  }

  stream(priority = 0): string {
    return this.keys.streams[priority] ?? "";
  }

  async close(): Promise<void> {
    await Promise.all(this.#drivers.map((driver) => driver.close()));
    this.admin.disconnect();
  }
}

/** Receives until `count` deliveries are there; failures in between count as "not yet". */
export async function receive(consumer: Consumer, count = 1): Promise<Delivery[]> {
  const received: Delivery[] = [];
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), DEADLINE_MS);
  try {
    await eventually(
      async () => {
        while (received.length < count && !abort.signal.aborted) {
          received.push(...(await consumer.receive(count - received.length, abort.signal)));
        }
        return received.length >= count;
      },
      { what: `${count} deliveries, of which ${received.length} came`, deadlineMs: DEADLINE_MS },
    );
    return received;
  } finally {
    clearTimeout(timer);
  }
}

/** Acks, again and again while that fails, and returns what was lost. */
export async function ack(consumer: Consumer, deliveries: readonly Delivery[]): Promise<readonly Delivery[]> {
  let left = deliveries;
  const lost: Delivery[] = [];
  await eventually(
    async () => {
      try {
        lost.push(...(await consumer.settle(left.map((delivery) => ({ kind: "ack", delivery })))).lost);
        return true;
      } catch (error) {
        if (!(error instanceof SettlementError)) throw error;
        left = error.failed.map(({ delivery }) => delivery);
        throw error;
      }
    },
    { what: "the acks", deadlineMs: DEADLINE_MS },
  );
  return lost;
}

export function textOf({ body }: Pick<Delivery, "body">): string {
  return Buffer.from(body).toString();
}

/** The error that a promise rejects with, which must be of this class. */
export async function rejection<T extends Error>(
  promise: Promise<unknown>,
  type: abstract new (...parameters: never[]) => T,
): Promise<T> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    if (error instanceof type) return error;
    throw new Error(`rejected with ${String(error)} instead of a ${type.name}`, { cause: error });
  }
  throw new Error(`resolved with ${JSON.stringify(value)} instead of rejecting with a ${type.name}`);
}

/** How a publish ended: "stored", or the outcome and the reason of its only failure. */
export async function publishOutcome(
  driver: BrokerDriver,
  message: OutgoingMessage,
): Promise<{ readonly outcome: string; readonly cause?: Error }> {
  try {
    await driver.publish([message]);
    return { outcome: "stored" };
  } catch (error) {
    if (!(error instanceof PublishError) || error.failures[0] === undefined) throw error;
    const { outcome, cause } = error.failures[0];
    return { outcome, cause };
  }
}
