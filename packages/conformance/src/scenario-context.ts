import { randomUUID } from "node:crypto";
import {
  type BrokerCapabilities,
  type BrokerDriver,
  type ConsumeOptions,
  type Consumer,
  DeliveryMode,
  type OutgoingMessage,
} from "@chicory/core";
import type { BrokerHarness, HarnessDriverOptions } from "./harness.js";

/** How a scenario opens a consumer; what it leaves out gets a plain value. */
export interface ScenarioConsumerOptions extends Partial<ConsumeOptions> {
  /** A driver of this scenario; a new one if not given. */
  readonly driver?: BrokerDriver;
  /** The scenario's own queue if not given. */
  readonly queue?: string;
}

/** Fields of a message that a scenario cares about, for all of a batch or by position. */
export type MessageFields = Partial<OutgoingMessage>;

/**
 * What a scenario works with: queue names of its own, drivers and consumers that are closed when it ends, and
 * messages whose body is their id unless it says otherwise.
 */
export class ScenarioContext {
  readonly harness: BrokerHarness;
  readonly capabilities: BrokerCapabilities;
  /** Longest wait for something that should happen at once, in milliseconds of real time. */
  readonly patienceMs: number;
  /** A queue that no other scenario uses. */
  readonly queue: string;

  readonly #drivers = new Set<BrokerDriver>();
  #count = 0;

  constructor(harness: BrokerHarness, patienceMs: number) {
    this.harness = harness;
    this.capabilities = harness.capabilities;
    this.patienceMs = patienceMs;
    this.queue = `conformance-${randomUUID()}`;
  }

  /** Another queue that no other scenario uses. */
  queueNamed(label: string): string {
    return `${this.queue}-${label}`;
  }

  /** Lease of the harness's drivers; only for scenarios about leases. */
  get leaseMs(): number {
    const { leaseMs } = this.harness;
    if (leaseMs === undefined) throw new Error("a harness whose driver keeps leases must say leaseMs");
    return leaseMs;
  }

  /** A new driver, as a separate process would have. */
  driver(options?: HarnessDriverOptions): BrokerDriver {
    const driver = this.harness.createDriver(options);
    this.#drivers.add(driver);
    return driver;
  }

  /** A new consumer. */
  async consumer(options: ScenarioConsumerOptions = {}): Promise<Consumer> {
    const { driver = this.driver(), queue = this.queue, worker, credits = 1_000, onLost } = options;
    this.#count += 1;
    return await driver.consume(queue, {
      worker: worker ?? `worker-${this.#count}-${randomUUID()}`,
      credits,
      ...(onLost === undefined ? {} : { onLost }),
    });
  }

  /** Makes the process of this driver vanish. */
  async crash(driver: BrokerDriver): Promise<void> {
    this.#drivers.delete(driver);
    await this.harness.crash(driver);
  }

  /** Cuts this driver off; the returned function lets it speak again. */
  async isolate(driver: BrokerDriver): Promise<() => Promise<void>> {
    return await ability(this.harness.isolate, "isolate").call(this.harness, driver);
  }

  async severConnections(): Promise<void> {
    await ability(this.harness.severConnections, "severConnections").call(this.harness);
  }

  async restartServer(): Promise<void> {
    await ability(this.harness.restartServer, "restartServer").call(this.harness);
  }

  /** A message for the scenario's queue. */
  message(fields: MessageFields = {}): OutgoingMessage {
    const id = fields.id ?? randomUUID();
    return { id, queue: this.queue, body: id, mode: DeliveryMode.AT_LEAST_ONCE, priority: 0, ...fields };
  }

  /** Several messages, whose bodies `<prefix>0`, `<prefix>1`, ... tell them apart. */
  batch(
    count: number,
    fields: MessageFields | ((index: number) => MessageFields) = {},
    prefix = "m",
  ): OutgoingMessage[] {
    return Array.from({ length: count }, (_, index) =>
      this.message({ body: `${prefix}${index}`, ...(typeof fields === "function" ? fields(index) : fields) }),
    );
  }

  /** Closes what the scenario opened. Errors of closing are the scenario's failures too. */
  async close(): Promise<void> {
    const drivers = [...this.#drivers];
    this.#drivers.clear();
    await Promise.all(drivers.map((driver) => driver.close()));
  }
}

function ability<T>(method: T | undefined, name: string): T {
  if (method === undefined) throw new Error(`the harness has no ${name}: add it, or declare the suite without it`);
  return method;
}
