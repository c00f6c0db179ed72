import { connect as connectTcp } from "node:net";
import { connect as connectTls } from "node:tls";

const PING_DEADLINE_MS = 2_000;

/**
 * Whether a Redis on that port takes commands. A server that answers "first log in" does; one that is still loading its
 * data does not.
 */
export function redisAnswers(host: string, port: number, tls: boolean): Promise<boolean> {
  return new Promise((resolve) => {
    // The certificate may be a bad one on purpose; whether clients refuse it is for the tests to see.
    const socket = tls ? connectTls({ host, port, rejectUnauthorized: false }) : connectTcp({ host, port });
    const done = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    let reply = "";
    socket.setTimeout(PING_DEADLINE_MS, () => done(false));
    socket.on("error", () => done(false));
    socket.on("close", () => done(false));
    socket.on("data", (chunk) => {
      reply += chunk.toString("utf8");
      if (reply.includes("\r\n")) done(/^(\+PONG|-NOAUTH|-NOPERM)/.test(reply));
    });
    socket.write("PING\r\n");
  });
}
