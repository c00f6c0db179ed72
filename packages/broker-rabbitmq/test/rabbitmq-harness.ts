import { setTimeout as sleep } from "node:timers/promises";
import type { BrokerHarness, HarnessDriverOptions } from "@chicory/conformance";
import type { BrokerDriver } from "@chicory/core";
import { type RabbitmqServer, startRabbitmq, startTcpProxy, type TcpProxy } from "@chicory/test-servers";
import { Connection } from "rabbitmq-client";
import { RabbitmqDriver, type RabbitmqOptions, rabbitmq } from "../src/index.js";
import { addUser } from "./rights.js";

/** More than a scenario has drivers, so that cutting off one never meets another. */
const PROXIES = 16;

const FRAME_MAX = 131_072;

/** Who drivers are: more than what the documentation grants an operator they may not need for anything. */
const USER = "operator";

/** A RabbitMQ of the test's own; drivers reach it through proxies that can be cut, as a user with few rights. */
export async function startRabbitmqHarness(options: RabbitmqOptions = {}): Promise<BrokerHarness> {
  const server = await startRabbitmq({ ownServer: true });
  await addUser(server, USER);
  const proxies = await Promise.all(Array.from({ length: PROXIES }, () => startTcpProxy(server)));
  const foreign = new Connection({ url: server.url, frameMax: FRAME_MAX, retryLow: 100, retryHigh: 500 });
  foreign.on("error", () => undefined);
  const ways = new Map<BrokerDriver, TcpProxy>();
  let next = 0;

  return {
    capabilities: rabbitmq(options).capabilities,
    createDriver: ({ maxLength }: HarnessDriverOptions = {}) => {
      const proxy = proxies[next % PROXIES];
      next += 1;
      // A scenario that failed may have left it cut off.
      proxy?.heal();
      if (proxy === undefined) throw new Error("there is no proxy");
      const driver = rabbitmq({
        host: proxy.host,
        port: proxy.port,
        username: USER,
        password: USER,
        // A link that is cut silently is noticed after two of them.
        heartbeatMs: 1_000,
        ...(maxLength === undefined ? {} : { maxLength }),
        ...options,
      });
      ways.set(driver, proxy);
      return driver;
    },
    now: () => Date.now(),
    elapse: (ms) => sleep(ms),
    crash: async (driver) => own(driver).crash(),
    isolate: async (driver) => {
      const proxy = ways.get(driver);
      proxy?.blackhole();
      return async () => proxy?.heal();
    },
    severConnections: async () => {
      for (const proxy of proxies) proxy.sever();
    },
    restartServer: () => server.restart(),
    putForeign: async (queue, body) => {
      const channel = await foreign.acquire();
      await channel.confirmSelect();
      await channel.basicPublish({ routingKey: `chicory.queue.${queue}`, durable: true }, Buffer.from(body));
      await channel.close();
    },
    storedCount: (queue) => storedCount(server, [`chicory.queue.${queue}`, `chicory.dlq.${queue}`]),
    close: async () => {
      foreign.unsafeDestroy();
      await Promise.all(proxies.map((proxy) => proxy.stop()));
      await server.stop();
    },
  };
}

function own(driver: BrokerDriver): RabbitmqDriver {
  if (!(driver instanceof RabbitmqDriver)) throw new Error("not a RabbitMQ driver");
  return driver;
}

/** Messages in queues, those with consumers included, which AMQP cannot count: asked of the node itself. */
async function storedCount(server: RabbitmqServer, queues: readonly string[]): Promise<number> {
  const names = queues.map((queue) => `<<"${queue}">>`).join(",");
  const printed = await server.ctl(
    "eval",
    `lists:sum([case rabbit_amqqueue:lookup(rabbit_misc:r(<<"/">>, queue, N)) of
       {ok, Q} ->
         case amqqueue:get_type(Q) of
           rabbit_quorum_queue ->
             {ok, {_, M}, _} = ra:local_query(amqqueue:get_pid(Q), fun rabbit_fifo:query_messages_total/1), M;
           _ -> [{messages, M}] = rabbit_amqqueue:info(Q, [messages]), M
         end;
       _ -> 0
     end || N <- [${names}]]).`,
  );
  return Number(printed.trim());
}
