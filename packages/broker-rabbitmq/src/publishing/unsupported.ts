import { type MessageRoute, type OutgoingMessage, UnsupportedError } from "@chicory/core";
import { fitsShort, headersToKeep, MAX_SHORT_BYTES } from "../messages/kept-properties.js";
import { secondsToWait } from "../messages/parcel.js";
import { MAX_DELAY_MS, MAX_DELAYED_NAME_LENGTH } from "../topology/delay-levels.js";
import type { QueueSettings } from "../topology/queue-settings.js";

/** Highest priority of a message to an exchange, whose queues are not known here. */
const MAX_ROUTED_PRIORITY = 9;

/** Why the server cannot keep such a message, or undefined if it can. */
export function whyUnsupported(
  message: OutgoingMessage,
  settings: Pick<QueueSettings, "maxPriority">,
  now: number,
): Error | undefined {
  const { priority, notBefore, queue, route } = message;
  const highest = route === undefined ? settings.maxPriority : MAX_ROUTED_PRIORITY;
  if (!Number.isInteger(priority) || priority < 0 || priority > highest) {
    return new UnsupportedError(
      highest === 0
        ? `Queue "${queue}" has no priorities, and priority ${priority} was asked for: set maxPriority (CHICORY_BROKER_RABBITMQ_MAX_PRIORITY) to 9, or send without a priority`
        : `Priority ${priority} is not one of queue "${queue}": use 0 to ${highest}, or raise maxPriority to at most 9`,
    );
  }
  if (message.dedupeMs !== undefined) {
    return new UnsupportedError(
      "RabbitMQ cannot recognise a message that it has already (capability dedupe): send without dedupeMs and let the handler be idempotent",
    );
  }
  if (route !== undefined) {
    return notBefore === undefined
      ? whyUnroutable(route)
      : new UnsupportedError("A message to an exchange cannot be delayed");
  }
  if (notBefore === undefined) return undefined;
  if (!(notBefore - now <= MAX_DELAY_MS)) {
    return new UnsupportedError(`RabbitMQ delays messages by at most ${MAX_DELAY_MS} ms, about 8.5 years`);
  }
  if (secondsToWait(message, now) > 0 && queue.length > MAX_DELAYED_NAME_LENGTH) {
    return new UnsupportedError(
      `The name of queue "${queue}" is too long for a delay: AMQP leaves ${MAX_DELAYED_NAME_LENGTH} characters`,
    );
  }
  return undefined;
}

/** A name that is cut would lead elsewhere, and a header that cannot be written ends the channel with its neighbours. */
function whyUnroutable({ exchange, routingKey, headers = {} }: MessageRoute): Error | undefined {
  if (!fitsShort(exchange) || !fitsShort(routingKey)) {
    return new UnsupportedError(
      `An exchange and a routing key have at most ${MAX_SHORT_BYTES} bytes: use shorter ones`,
    );
  }
  const kept = headersToKeep(headers);
  const refused = Object.keys(headers).find((name) => !Object.hasOwn(kept, name));
  if (refused === undefined) return undefined;
  return new UnsupportedError(
    `The routing header "${refused.slice(0, MAX_SHORT_BYTES)}" cannot be sent: its name needs at most ${MAX_SHORT_BYTES} bytes, and may not be one that RabbitMQ takes for an order (CC, BCC, x-death...); its value must be a text, true or false, or a number that JavaScript holds exactly; and all of them have room in 64 KiB`,
  );
}
