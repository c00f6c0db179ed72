import {
  type BrokerDriver,
  type Consumer,
  type Delivery,
  DeliveryMode,
  decodeEnvelope,
  type Settlement,
  type SettleResult,
} from "@chicory/core";
import { DelegatingConsumer, DelegatingDriver } from "@chicory/mutants";

/** Breaks the consumers of any driver. */
export function consumingThrough(
  wrap: (consumer: Consumer, inner: BrokerDriver) => Consumer,
): (inner: BrokerDriver) => BrokerDriver {
  return (inner) => {
    const driver = new DelegatingDriver(inner);
    driver.consume = async (queue, options) => wrap(await inner.consume(queue, options), inner);
    return driver;
  };
}

/** Breaks how the consumers of any driver settle. */
export function settlingThrough(
  settle: (settlements: readonly Settlement[], consumer: Consumer, inner: BrokerDriver) => Promise<SettleResult>,
): (inner: BrokerDriver) => BrokerDriver {
  return consumingThrough((sound, inner) => {
    const consumer = new DelegatingConsumer(sound);
    consumer.settle = (settlements) => settle(settlements, sound, inner);
    return consumer;
  });
}

/** Breaks the settlements of any driver, one by one; what is left out is never sent, and counts as taken. */
export function settlingInstead(
  change: (settlement: Settlement) => Settlement | undefined,
): (inner: BrokerDriver) => BrokerDriver {
  return settlingThrough((settlements, consumer) => consumer.settle(settlements.flatMap((one) => change(one) ?? [])));
}

/** Whether a delivery is of a task at most once. */
export function isAtMostOnce({ body }: Delivery): boolean {
  try {
    return decodeEnvelope(body).mode === DeliveryMode.AT_MOST_ONCE;
  } catch {
    return false;
  }
}
