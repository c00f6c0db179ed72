// An app as a user writes it. Its task says on standard output that it runs.
import { redis } from "@chicory/broker-redis";
import { Chicory } from "@chicory/core";

export const app = new Chicory({
  broker: redis({ host: process.env.BENCH_REDIS_HOST, port: Number(process.env.BENCH_REDIS_PORT) }),
});

app.task("noop", { queue: "bench" }, () => {
  process.stdout.write("executed\n");
});
