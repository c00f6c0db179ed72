import {
  eventually,
  type RabbitmqServer,
  startRabbitmq,
  startRabbitmqCluster,
  startTcpProxy,
} from "@chicory/test-servers";
import type { BrokerSpec } from "./broker-spec.js";
import type { Leftovers, RabbitmqClusterStage, RabbitmqStage, StageNeeds } from "./stage.js";

/** A connection is given up after twice as long a silence. */
const HEARTBEAT_MS = 2_000;
const COMMAND_TIMEOUT_MS = 3_000;
/** Longest time until a node has seen that everybody left. */
const SEEN_AS_GONE_MS = 5_000;

/**
 * Counts what matters in one call, since each costs a second: connections, consumers, messages that are no dead letters.
 * A queue is counted by the node that leads it, since every other one says that it is empty; while that one does not
 * answer it holds a message, for all that is known.
 */
const COUNT = `
  Queues = rabbit_amqqueue:list(),
  Ask = fun(Q) ->
    case rpc:call(amqqueue:qnode(Q), rabbit_amqqueue, info, [Q, [messages, consumers]], 5000) of
      {badrpc, _} -> [{messages, 1}];
      Known -> Known
    end
  end,
  Info = [{rabbit_misc:rs(amqqueue:get_name(Q)), Ask(Q)} || Q <- Queues],
  Live = [I || {N, I} <- Info, binary:match(iolist_to_binary(N), [<<".dlq.">>, <<".registry">>]) =:= nomatch],
  Number = fun(K, I) -> case proplists:get_value(K, I) of V when is_integer(V) -> V; _ -> 0 end end,
  Sum = fun(K) -> lists:sum([Number(K, I) || I <- Live]) end,
  io:format("~w ~w ~w ~w~n", [length(rabbit_networking:connections()), Sum(consumers), Sum(messages), length(Queues)]).
`.replaceAll(/\s+/g, " ");

/**
 * Quorum queues count their messages twice a second instead of every five, and what could not be passed on when its delay
 * was over, because its queue was gone, is tried again after seconds instead of three minutes.
 */
const IMPATIENCE = `
  application:set_env(rabbit, quorum_tick_interval, 500),
  application:set_env(rabbit, dead_letter_worker_publisher_confirm_timeout, 5000).
`.replaceAll(/\s+/g, " ");

/** Starts a RabbitMQ node for one run. */
export async function openRabbitmqStage(needs: StageNeeds): Promise<RabbitmqStage> {
  const { rabbitmqConfig: config = [], rabbitmqDataFolder: dataFolder } = needs;
  const server = await startRabbitmq({ ownServer: true, config, ...(dataFolder && { dataFolder }) });
  const proxies =
    needs.proxied === true
      ? { workers: await startTcpProxy(server), producers: await startTcpProxy(server) }
      : undefined;
  await server.ctl("eval", IMPATIENCE);
  return {
    name: "rabbitmq",
    version: await versionOf(server),
    server,
    proxies,
    workersBroker: brokerAt({ host: server.host, port: proxies?.workers.port ?? server.port }),
    producerBroker: brokerAt({ host: server.host, port: proxies?.producers.port ?? server.port }),
    silenceMs: 2 * HEARTBEAT_MS,
    waiting: async () => (await count(server)).messages,
    leftovers: () => leftoversOf(server),
    logs: () => server.logTail(),
    async close() {
      await Promise.all([proxies?.workers.stop(), proxies?.producers.stop()]);
      await server.stop();
    },
  };
}

/** Starts three nodes for one run. */
export async function openRabbitmqClusterStage(needs: StageNeeds): Promise<RabbitmqClusterStage> {
  const cluster = await startRabbitmqCluster({ config: needs.rabbitmqConfig ?? [] });
  const hurry = (node: RabbitmqServer) => node.ctl("eval", IMPATIENCE);
  await Promise.all(cluster.nodes.map(hurry));
  const broker = brokerAt({ hosts: [...cluster.hosts] });
  const living = (): RabbitmqServer => {
    const node = cluster.nodes.find(({ pid }) => pid !== undefined);
    if (node === undefined) throw new Error("No node of the cluster runs");
    return node;
  };
  return {
    name: "rabbitmq-cluster",
    version: await versionOf(living()),
    cluster,
    async restart(node) {
      await node.restart();
      await hurry(node);
    },
    proxies: undefined,
    workersBroker: broker,
    producerBroker: broker,
    silenceMs: 2 * HEARTBEAT_MS,
    waiting: async () => (await count(living())).messages,
    leftovers: () => leftoversOf(living()),
    logs: async () => (await Promise.all(cluster.nodes.map((node) => node.logTail()))).join("\n---\n"),
    close: () => cluster.stop(),
  };
}

function brokerAt(place: { readonly host?: string; readonly port?: number; readonly hosts?: string[] }): BrokerSpec {
  return {
    type: "rabbitmq",
    options: { ...place, heartbeatMs: HEARTBEAT_MS, commandTimeoutMs: COMMAND_TIMEOUT_MS },
  };
}

/** A quorum queue writes down that a consumer has gone, which takes a busy node a moment after its connection has ended. */
async function leftoversOf(server: RabbitmqServer): Promise<Leftovers> {
  const gone = async () => {
    const { connections, consumers } = await count(server);
    return connections + consumers === 0;
  };
  await eventually(gone, { deadlineMs: SEEN_AS_GONE_MS }).catch(() => undefined);
  return count(server);
}

async function count(server: RabbitmqServer): Promise<Leftovers> {
  const printed = await server.ctl("eval", COUNT);
  const [connections, consumers, messages, places] = (/(\d+) (\d+) (\d+) (\d+)/.exec(printed) ?? [])
    .slice(1)
    .map(Number);
  if (connections === undefined || consumers === undefined || messages === undefined || places === undefined) {
    throw new Error(`RabbitMQ counted nothing: ${printed}`);
  }
  return { connections, consumers, messages, places };
}

async function versionOf(server: RabbitmqServer): Promise<string> {
  const version = /"?(\d+\.\d+\.\d+)/.exec(await server.ctl("eval", "rabbit_misc:version()."))?.[1];
  return `RabbitMQ ${version ?? "?"}`;
}
