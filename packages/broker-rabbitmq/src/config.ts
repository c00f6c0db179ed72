import { brokerSection, type SectionOptions, type SectionValues, secret } from "@chicory/core";
import * as v from "valibot";

const milliseconds = (least: number, description: string) =>
  v.pipe(v.number(), v.integer(), v.minValue(least), v.description(description));

const text = (description: string) => v.optional(v.pipe(v.string(), v.minLength(1), v.description(description)));

const count = (least: number, most: number) => v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most));

/** Quorum queues take no more, and a count that high is a mistake anyway. */
const MAX_COUNT = 1_000_000_000;

/** AMQP's own default port, without TLS and with it. */
export const DEFAULT_PORT = { plain: 5_672, tls: 5_671 } as const;

/** A binding of a queue to an exchange of the user's own. */
const bindingSchema = v.strictObject({
  exchange: v.pipe(v.string(), v.minLength(1)),
  /** Given, the exchange is declared as a durable one of this type; else it must exist. */
  type: v.optional(v.picklist(["direct", "topic", "fanout", "headers"])),
  routingKey: v.optional(v.string(), ""),
  /** For a headers exchange; `x-match` says whether `all` or `any` must be equal. */
  headers: v.optional(v.record(v.string(), v.union([v.string(), v.number(), v.boolean()]))),
});

const queueTypeSchema = v.picklist(["quorum", "classic"]);

/** What may be set for one queue alone; the options of the same name are for all others. */
const queueSchema = v.strictObject({
  queueType: v.optional(queueTypeSchema),
  maxPriority: v.optional(count(0, 9)),
  maxLength: v.optional(count(0, MAX_COUNT)),
  deliveryLimit: v.optional(count(1, MAX_COUNT)),
  messageTtlMs: v.optional(milliseconds(1, "")),
  consumerTimeoutMs: v.optional(milliseconds(1, "")),
  singleActiveConsumer: v.optional(v.boolean()),
  /** Further arguments of the queue, as the server's documentation names them. */
  arguments: v.optional(v.record(v.string(), v.union([v.string(), v.number(), v.boolean()]))),
  bindings: v.optional(v.array(bindingSchema)),
});

/**
 * Options of this broker: `broker.rabbitmq` in a config object, `CHICORY_BROKER_RABBITMQ_*` in the environment. Parts
 * that `url` names win over the single options.
 */
export const configSchema = v.strictObject({
  url: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^amqps?:\/\//, "a URL that begins with amqp:// or amqps://"),
      secret(),
      v.description("Everything in one: amqp[s]://[username:password@]host[:port][/vhost]"),
    ),
  ),
  host: v.optional(v.pipe(v.string(), v.minLength(1), v.description("Host name or address")), "127.0.0.1"),
  port: v.optional(v.pipe(count(1, 65_535), v.description("TCP port; 5672 if not given, with TLS 5671"))),
  hosts: v.optional(
    v.pipe(
      v.array(v.pipe(v.string(), v.minLength(1))),
      v.description("Nodes of a cluster as host or host:port, instead of host; tried in a random order"),
    ),
    [],
  ),
  username: v.optional(v.pipe(v.string(), v.minLength(1), v.description("User")), "guest"),
  password: v.optional(v.pipe(v.string(), v.minLength(1), secret(), v.description("Password of the user")), "guest"),
  vhost: v.optional(v.pipe(v.string(), v.minLength(1), v.description("Virtual host")), "/"),
  tls: v.optional(v.pipe(v.boolean(), v.description("Whether to connect by TLS")), false),
  tlsCaFile: text("PEM file of the authorities to trust instead of the public ones"),
  tlsCertFile: text("PEM file of this client's certificate, where the server asks for one"),
  tlsKeyFile: text("PEM file of that certificate's key"),
  tlsServername: text("Name that the server's certificate must carry, if it is not the host's"),
  connectionName: text("Name of the connections in the server's management; chicory/<host>:<pid> if not given"),
  prefix: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^[A-Za-z0-9._-]{1,32}$/, "1 to 32 of the characters A-Z a-z 0-9 . _ -"),
      v.description("First part of the name of every queue and exchange: apps with different ones share nothing"),
    ),
    "chicory",
  ),
  topology: v.optional(
    v.pipe(
      v.picklist(["declare", "verify", "none"]),
      v.description("Whether queues and exchanges are created, only looked for, or left to somebody else"),
    ),
    "declare",
  ),
  queueType: v.optional(
    v.pipe(queueTypeSchema, v.description("Type of queues; quorum ones with priorities need a server from 4.0 on")),
    "quorum",
  ),
  maxPriority: v.optional(
    v.pipe(
      count(0, 9),
      v.description(
        "Highest priority of messages. Before 4.0 it makes queues classic ones; quorum queues know two levels (0 to 4, 5 to 9) up to 4.2 and all from 4.3 on; with queueType classic they are strict on every server",
      ),
    ),
    0,
  ),
  maxLength: v.optional(
    v.pipe(count(0, MAX_COUNT), v.description("Most messages that wait in a queue; more are refused. 0 is no limit")),
    0,
  ),
  deliveryLimit: v.optional(
    v.pipe(
      count(1, MAX_COUNT),
      v.description(
        "Hand-outs after which the server itself buries a message of a quorum queue: a net below the worker",
      ),
    ),
    20,
  ),
  messageTtlMs: v.optional(milliseconds(1, "How long a message may wait until it is buried as expired")),
  consumerTimeoutMs: v.optional(
    milliseconds(
      1,
      "How long the server waits for an acknowledgement: told to servers from 3.12 on, else what rabbitmq.conf says",
    ),
  ),
  singleActiveConsumer: v.optional(
    v.pipe(v.boolean(), v.description("Whether one consumer at a time gets a queue's messages")),
    false,
  ),
  queues: v.optional(
    v.pipe(v.record(v.string(), queueSchema), v.description("Options of single queues, and their bindings")),
    {},
  ),
  heartbeatMs: v.optional(
    milliseconds(1_000, "A connection that is silent for twice as long is given up; whole seconds"),
    10_000,
  ),
  connectTimeoutMs: v.optional(milliseconds(1, "Longest time until a connection is open, in milliseconds"), 5_000),
  commandTimeoutMs: v.optional(
    milliseconds(1, "Longest time until the server answers a command or confirms a publish, in milliseconds"),
    5_000,
  ),
});

/** Options as they are written; every one may be left out. */
export type RabbitmqOptions = SectionOptions<typeof configSchema>;

/** Options with every default filled in. */
export type RabbitmqConfig = SectionValues<typeof configSchema>;

/** A binding with its defaults. */
export type QueueBinding = v.InferOutput<typeof bindingSchema>;

declare module "@chicory/core" {
  interface BrokerConfigs {
    rabbitmq: RabbitmqOptions;
  }
}

/** Short name, and name of the config section. */
export const brokerName = "rabbitmq";

/** Where the options stand in a config object and in the environment. */
export const rabbitmqSection = brokerSection(brokerName, configSchema);
