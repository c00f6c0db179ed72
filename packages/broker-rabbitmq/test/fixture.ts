import { randomUUID } from "node:crypto";
import {
  type BrokerDriver,
  type Consumer,
  type Delivery,
  DeliveryMode,
  type Logger,
  type OutgoingMessage,
  PublishError,
  resolveSection,
} from "@chicory/core";
import { eventually, type RabbitmqServer } from "@chicory/test-servers";
import { type Channel, Connection } from "rabbitmq-client";
import { type RabbitmqOptions, rabbitmqSection } from "../src/config.js";
import { createDriver } from "../src/rabbitmq.js";
import type { RabbitmqDriver } from "../src/rabbitmq-driver.js";
import { Names } from "../src/topology/names.js";

/** Longest wait for something that should happen soon, on a busy machine. */
export const DEADLINE_MS = 30_000;

/** What a test of this driver works with: names of its own on a server that others use too. */
export class Fixture {
  readonly prefix = `t${randomUUID().slice(0, 8)}`;
  readonly queue = "work";
  readonly names = new Names(this.prefix);
  /** What drivers warned of, or worse. */
  readonly warnings: string[] = [];
  readonly #place: RabbitmqOptions;
  readonly #drivers: BrokerDriver[] = [];
  readonly #connection: Connection;

  constructor(server: Pick<RabbitmqServer, "host" | "port">, place: RabbitmqOptions = {}) {
    this.#place = { host: server.host, port: server.port, heartbeatMs: 1_000, prefix: this.prefix, ...place };
    this.#connection = new Connection({
      hostname: server.host,
      port: server.port,
      username: "guest",
      password: "guest",
      frameMax: 131_072,
      retryLow: 100,
      retryHigh: 300,
    });
    this.#connection.on("error", () => undefined);
  }

  get #logger(): Logger {
    const ignore = (): void => undefined;
    const keep = (_: unknown, message: string): void => void this.warnings.push(message);
    const logger: Logger = { debug: ignore, info: ignore, warn: keep, error: keep, child: () => logger };
    return logger;
  }

  driver(options: RabbitmqOptions = {}): RabbitmqDriver {
    const { values } = resolveSection(rabbitmqSection, { explicit: { ...this.#place, ...options } });
    const driver = createDriver(values, { logger: this.#logger });
    this.#drivers.push(driver);
    return driver;
  }

  consumer(driver: BrokerDriver = this.driver(), credits = 100): Promise<Consumer> {
    return driver.consume(this.queue, { worker: "tester", credits });
  }

  message(body: string, fields: Partial<OutgoingMessage> = {}): OutgoingMessage {
    return { id: randomUUID(), queue: this.queue, body, mode: DeliveryMode.AT_LEAST_ONCE, priority: 0, ...fields };
  }

  batch(count: number, fields: Partial<OutgoingMessage> = {}): OutgoingMessage[] {
    return Array.from({ length: count }, (_, index) => this.message(`m${index}`, fields));
  }

  /** A channel of a client that knows nothing of the driver, as an operator or another program has one. */
  async channel(): Promise<Channel> {
    const channel = await this.#connection.acquire({ emitErrorsFromChannel: true });
    channel.on("error", () => undefined);
    return channel;
  }

  async close(): Promise<void> {
    await Promise.all(this.#drivers.map((driver) => driver.close()));
    this.#connection.unsafeDestroy();
  }
}

/** Receives until `count` deliveries are there. */
export async function receive(consumer: Consumer, count: number, deadlineMs = DEADLINE_MS): Promise<Delivery[]> {
  const received: Delivery[] = [];
  const signal = AbortSignal.timeout(deadlineMs);
  while (received.length < count) {
    const deliveries = await consumer.receive(count - received.length, signal);
    received.push(...deliveries);
    // Empty also from a consumer that was closed, which must not be asked for ever.
    if (deliveries.length === 0) throw new Error(`${received.length} of ${count} messages came in time`);
  }
  return received;
}

/** One delivery. */
export async function receiveOne(consumer: Consumer, deadlineMs = DEADLINE_MS): Promise<Delivery> {
  const [delivery] = await receive(consumer, 1, deadlineMs);
  if (delivery === undefined) throw new Error("nothing was received");
  return delivery;
}

/** The error with which a publish must reject. */
export async function publishFailure(driver: BrokerDriver, messages: OutgoingMessage[]): Promise<PublishError> {
  const error = await driver.publish(messages).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof PublishError) return error;
  throw new Error(`publish ended with ${String(error)} instead of a PublishError`);
}

/** Waits for a condition as long as a busy machine may need. */
export function until<T>(what: string, condition: () => T | Promise<T>) {
  return eventually(condition, { what, deadlineMs: DEADLINE_MS });
}

/** The text of a delivery. */
export function textOf(delivery: Delivery): string {
  return Buffer.from(delivery.body).toString("utf8");
}
