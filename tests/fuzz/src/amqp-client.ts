import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { longString, shortString, table, uint16, uint32, uint64 } from "./amqp-values.js";

/** Properties of a message in the order and with the flags that AMQP gives them; each is encoded already. */
export const PROPERTIES = [
  "contentType",
  "contentEncoding",
  "headers",
  "deliveryMode",
  "priority",
  "correlationId",
  "replyTo",
  "expiration",
  "messageId",
  "timestamp",
  "type",
  "userId",
  "appId",
  "clusterId",
] as const;

export type RawProperties = Partial<Readonly<Record<(typeof PROPERTIES)[number], Buffer>>>;

/** A message as it came from the server: the payload of its header frame is left as it is. */
export interface RawMessage {
  readonly header: Buffer;
  readonly body: Buffer;
}

const METHOD = 1;
const HEADER = 2;
const BODY = 3;
const FRAME_END = 0xce;
const FRAME_MAX = 131_072;

/** Bits of `basic.consume`: nothing is acknowledged. */
const NO_ACK = 2;

/** Longest wait for an answer of the server, in milliseconds. */
const ANSWER_MS = 30_000;

/** The server ended the channel or the connection. */
export class RefusedError extends Error {}

/**
 * A client of AMQP 0-9-1 that writes message properties byte by byte: others refuse or repair what is to be tried. It
 * does no more than this fuzzing needs, on one channel.
 */
export class AmqpClient {
  readonly #socket: Socket;
  readonly #waiting = new Map<string, (payload: Buffer) => void>();
  #buffer: Buffer = Buffer.alloc(0);
  #failure: Error | undefined;
  #fail: (error: Error) => void = () => undefined;
  #published = 0;
  readonly #unconfirmed = new Set<number>();
  #onConfirm: () => void = () => undefined;
  #onMessage: (message: RawMessage) => void = () => undefined;
  #arriving: { header: Buffer; size: number; body: Buffer[] } | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk) => this.#read(chunk));
    socket.on("error", (error) => this.#end(error));
    socket.on("close", () => this.#end(new RefusedError("the connection was closed")));
  }

  static async open({ host, port }: { readonly host: string; readonly port: number }): Promise<AmqpClient> {
    const socket = connect({ host, port });
    await once(socket, "connect");
    const client = new AmqpClient(socket);
    const started = client.#answer(10, 10);
    socket.write(Buffer.from("AMQP\u0000\u0000\u0009\u0001", "latin1"));
    await started;
    const login = [table([]), shortString("PLAIN"), longString("\u0000guest\u0000guest"), shortString("en_US")];
    await client.#ask(10, 11, Buffer.concat(login), 10, 30, 0);
    client.#method(10, 31, Buffer.concat([uint16(1), uint32(FRAME_MAX), uint16(0)]), 0);
    await client.#ask(10, 40, Buffer.concat([shortString("/"), shortString(""), Buffer.of(0)]), 10, 41, 0);
    await client.#ask(20, 10, shortString(""), 20, 11);
    await client.#ask(85, 10, Buffer.of(0), 85, 11);
    return client;
  }

  /** Publishes to a queue; `confirmed` tells when the server has stored it. */
  publish(queue: string, properties: RawProperties, body: Buffer): void {
    this.#published += 1;
    this.#unconfirmed.add(this.#published);
    this.#method(60, 40, Buffer.concat([uint16(0), shortString(""), shortString(queue), Buffer.of(0)]));
    const present = PROPERTIES.filter((name) => properties[name] !== undefined);
    const flags = present.reduce((bits, name) => bits | (0x8000 >> PROPERTIES.indexOf(name)), 0);
    const content = present.map((name) => properties[name] ?? Buffer.of());
    const size = uint64(BigInt(body.length));
    this.#frame(HEADER, Buffer.concat([uint16(60), uint16(0), size, uint16(flags), ...content]));
    for (let at = 0; at < body.length; at += FRAME_MAX - 8) this.#frame(BODY, body.subarray(at, at + FRAME_MAX - 8));
  }

  /** Resolves once everything that was published is stored; rejects with a {@link RefusedError} if the server refuses. */
  async confirmed(): Promise<void> {
    await this.#within<void>((resolve) => {
      this.#onConfirm = () => {
        if (this.#unconfirmed.size === 0) resolve();
      };
      this.#onConfirm();
    });
  }

  /** Hands over the messages of a queue and takes them out of it. */
  async take(queue: string, onMessage: (message: RawMessage) => void): Promise<void> {
    this.#onMessage = onMessage;
    const args = [uint16(0), shortString(queue), shortString(""), Buffer.of(NO_ACK), table([])];
    await this.#ask(60, 20, Buffer.concat(args), 60, 21);
  }

  /** How many messages wait in a queue. */
  async waiting(queue: string): Promise<number> {
    const passive = Buffer.concat([uint16(0), shortString(queue), Buffer.of(1), table([])]);
    const answer = await this.#ask(50, 10, passive, 50, 11);
    return answer.readUInt32BE(1 + answer.readUInt8(0));
  }

  /** Messages that the server has not said to have stored, as numbers from 1. */
  get unconfirmed(): readonly number[] {
    return [...this.#unconfirmed];
  }

  close(): void {
    this.#socket.destroy();
  }

  async #ask(
    type: number,
    method: number,
    args: Buffer,
    answerType: number,
    answer: number,
    channel = 1,
  ): Promise<Buffer> {
    const answered = this.#answer(answerType, answer);
    this.#method(type, method, args, channel);
    return answered;
  }

  #answer(type: number, method: number): Promise<Buffer> {
    return this.#within((resolve) => this.#waiting.set(`${type}.${method}`, resolve));
  }

  async #within<T>(start: (resolve: (value: T) => void) => void): Promise<T> {
    if (this.#failure !== undefined) throw this.#failure;
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<T>((resolve, reject) => {
        this.#fail = reject;
        timer = setTimeout(() => reject(new Error("the server does not answer")), ANSWER_MS);
        start(resolve);
      });
    } finally {
      clearTimeout(timer);
    }
  }

  #method(type: number, method: number, args: Buffer, channel = 1): void {
    this.#frame(METHOD, Buffer.concat([uint16(type), uint16(method), args]), channel);
  }

  #frame(kind: number, payload: Buffer, channel = 1): void {
    this.#socket.write(
      Buffer.concat([Buffer.of(kind), uint16(channel), uint32(payload.length), payload, Buffer.of(FRAME_END)]),
    );
  }

  #end(error: Error): void {
    this.#failure ??= error;
    this.#fail(this.#failure);
  }

  #read(chunk: Buffer): void {
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
    for (;;) {
      if (this.#buffer.length < 7) return;
      const end = 7 + this.#buffer.readUInt32BE(3) + 1;
      if (this.#buffer.length < end) return;
      this.#onFrame(this.#buffer.readUInt8(0), this.#buffer.subarray(7, end - 1));
      this.#buffer = this.#buffer.subarray(end);
    }
  }

  #onFrame(kind: number, payload: Buffer): void {
    if (kind === METHOD) {
      this.#onMethod(payload.readUInt16BE(0), payload.readUInt16BE(2), payload.subarray(4));
    } else if (kind === HEADER) {
      this.#arriving = { header: payload, size: Number(payload.readBigUInt64BE(4)), body: [] };
      this.#arrived();
    } else if (kind === BODY) {
      this.#arriving?.body.push(Buffer.from(payload));
      this.#arrived();
    }
  }

  #arrived(): void {
    if (this.#arriving === undefined) return;
    const body = Buffer.concat(this.#arriving.body);
    if (body.length < this.#arriving.size) return;
    this.#onMessage({ header: Buffer.from(this.#arriving.header), body });
    this.#arriving = undefined;
  }

  #onMethod(type: number, method: number, args: Buffer): void {
    const key = `${type}.${method}`;
    if (key === "60.80" || key === "60.120") {
      const tag = Number(args.readBigUInt64BE(0));
      const multiple = args.readUInt8(8) !== 0;
      for (const open of multiple ? [...this.#unconfirmed].filter((open) => open <= tag) : [tag]) {
        this.#unconfirmed.delete(open);
      }
      this.#onConfirm();
    } else if (key === "20.40" || key === "10.50") {
      this.#end(new RefusedError(args.subarray(3, 3 + args.readUInt8(2)).toString()));
    } else {
      const waiting = this.#waiting.get(key);
      this.#waiting.delete(key);
      waiting?.(Buffer.from(args));
    }
  }
}
