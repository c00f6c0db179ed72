import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

/** Sends one inline command and returns the first line of the answer, without any client library's own ideas. */
export function redisCommand(
  server: { readonly host: string; readonly port: number },
  command: string,
  tls?: { readonly ca: string },
): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket: Socket = tls
      ? connectTls({ host: server.host, port: server.port, ca: tls.ca })
      : connectTcp(server.port, server.host);
    let answer = "";
    socket.setTimeout(20_000, () => socket.destroy(new Error(`no answer to ${command}`)));
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("closed")));
    socket.on("data", (chunk) => {
      answer += chunk.toString("utf8");
      const lines = answer.split("\r\n");
      const wanted = answer.startsWith("$") && !answer.startsWith("$-1") ? 1 : 0;
      if (lines.length <= wanted + 1) return;
      resolve(lines[wanted] ?? "");
      socket.destroy();
    });
    socket.write(`${command}\r\n`);
  });
}
