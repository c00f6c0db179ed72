// A process that starts a Redis and never stops it; for the test of what happens then.
import { startRedis } from "../src/redis.js";

const server = await startRedis({ tls: true });
process.stdout.write(`${JSON.stringify({ pid: server.pid, caFile: server.tls?.caFile })}\n`);
if (process.argv.includes("--stay")) setInterval(() => undefined, 60_000);
