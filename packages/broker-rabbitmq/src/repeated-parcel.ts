import { originalEncoding } from "./client-internals.js";
import { HEADERS, headersToKeep } from "./headers.js";
import type { Names } from "./names.js";
import type { Parcel } from "./parcel.js";
import type { RabbitmqDelivery } from "./rabbitmq-delivery.js";

/** Properties of a message that are about one copy of it on the server. */
const OF_THE_DELIVERY = ["consumerTag", "deliveryTag", "redelivered", "exchange", "routingKey", "body", "durable"];

/** A delivery's message once more, with every property and a note of how often it was handed out before this time. */
export function repeatedParcel(delivery: RabbitmqDelivery, names: Names): Parcel {
  const { message, queue, body, deliveryCount } = delivery;
  const {
    contentEncoding,
    headers,
    deliveryMode: _mode,
    expiration: _expiration,
    ...others
  } = message as typeof message & { deliveryMode?: number };
  const kept = Object.entries(others).filter(([name, value]) => !OF_THE_DELIVERY.includes(name) && value !== undefined);
  const encoding = originalEncoding(contentEncoding);
  const { [HEADERS.deliveries]: _before, ...rest } = headersToKeep(headers);
  const all = deliveryCount > 1 ? { ...rest, [HEADERS.deliveries]: deliveryCount - 1 } : rest;
  return {
    exchange: "",
    routingKey: names.queue(queue),
    body: Buffer.from(body.buffer, body.byteOffset, body.byteLength),
    properties: {
      ...Object.fromEntries(kept),
      ...(encoding === undefined ? {} : { contentEncoding: encoding }),
      ...(Object.keys(all).length > 0 ? { headers: all } : {}),
    },
  };
}
