import type { MemoryDriver, MemoryServer } from "@chicory/broker-memory";
import type { HarnessDriverOptions } from "@chicory/conformance";
import type { BrokerDriver, ConsumeOptions, Consumer, OutgoingMessage, QueueAdmin } from "@chicory/core";
import { DelegatingDriver } from "./delegates.js";

/** A driver that breaks one promise of the contract, and the scenario that must notice. */
export interface Mutant {
  /** What it does wrong, as the end of a sentence that begins with "A driver that". */
  readonly name: string;
  /** Name of the scenario that must fail. */
  readonly caughtBy: string;
  /** Order of calls in which the mistake shows; the order of the calls themselves if not given. */
  readonly seed?: number;
  /** The broken server, if the mistake is there. */
  readonly server?: typeof MemoryServer;
  /** The broken driver around a sound one, if the mistake is there. */
  readonly driver?: (driver: MemoryDriver, options: HarnessDriverOptions) => BrokerDriver;
}

/** Breaks how a driver publishes. */
export function publishing(
  publish: (messages: readonly OutgoingMessage[], inner: MemoryDriver) => Promise<void>,
): NonNullable<Mutant["driver"]> {
  return (inner) => {
    const driver = new DelegatingDriver(inner);
    driver.publish = (messages) => publish(messages, inner);
    return driver;
  };
}

/** Breaks the messages that a driver publishes. */
export function publishingInstead(
  change: (message: OutgoingMessage) => OutgoingMessage,
): NonNullable<Mutant["driver"]> {
  return publishing((messages, inner) => inner.publish(messages.map(change)));
}

/** Breaks the consumers of a driver. */
export function consuming(
  wrap: (consumer: Consumer, inner: MemoryDriver, options: ConsumeOptions) => Consumer,
): NonNullable<Mutant["driver"]> {
  return (inner) => {
    const driver = new DelegatingDriver(inner);
    driver.consume = async (queue, options) => wrap(await inner.consume(queue, options), inner, options);
    return driver;
  };
}

/** Breaks a driver's administration. */
export function administering(
  wrap: (admin: QueueAdmin, inner: MemoryDriver) => QueueAdmin,
): NonNullable<Mutant["driver"]> {
  return (inner) => {
    const admin = wrap(inner.admin, inner);
    return Object.defineProperty(new DelegatingDriver(inner), "admin", { value: admin });
  };
}
