import { connect } from "node:net";

const PROBE_DEADLINE_MS = 5_000;
const PROTOCOL_HEADER = Buffer.from("AMQP\u0000\u0000\u0009\u0001", "latin1");
/** The type of the frame in which a server says Connection.Start. */
const METHOD_FRAME = 1;

/** Whether a broker on that port greets in AMQP 0-9-1. */
export function amqpAnswers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const done = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(PROBE_DEADLINE_MS, () => done(false));
    socket.on("error", () => done(false));
    socket.on("close", () => done(false));
    socket.on("data", (chunk) => done(chunk[0] === METHOD_FRAME));
    socket.write(PROTOCOL_HEADER);
  });
}
