import { eventually } from "./eventually.js";
import type { RabbitmqServer } from "./rabbitmq.js";
import { nodeName } from "./rabbitmq-runner.js";

/** A node that was paused for want of a majority looks for the others once a second, and then starts anew. */
const JOIN_DEADLINE_MS = 60_000;

/** The cookie that a node has for another one. Nodes that have different ones for one another refuse to connect. */
const RIGHT = () => "erlang:get_cookie()";
const WRONG = ({ port }: RabbitmqServer) => `'cookie-of-${port}'`;

/**
 * Cuts one node off from the others of its cluster, as a network does that splits and resets what it carried: nobody on
 * one side can reach anybody on the other, until the function that is returned has resolved.
 */
export async function isolateNode(
  node: RabbitmqServer,
  nodes: readonly RabbitmqServer[],
): Promise<() => Promise<void>> {
  const others = nodes.filter((other) => other !== node);
  const sides: readonly (readonly [RabbitmqServer, readonly RabbitmqServer[]])[] = [
    [node, others],
    ...others.map((other) => [other, [node]] as const),
  ];
  const tell = (cookie: (of: RabbitmqServer) => string) =>
    Promise.all(
      sides.map(([one, strangers]) =>
        one.ctl("eval", `${namesOf(strangers).map((name) => `erlang:set_cookie(${name}, ${cookie(one)})`)}.`),
      ),
    );
  await tell(WRONG);
  // By one of them and in one moment: a node that loses another before its neighbour does takes that for a partial split,
  // and stops until the whole cluster is back.
  await node.ctl("eval", `${namesOf(others).map((name) => `erlang:disconnect_node(${name})`)}.`);
  return async () => {
    await tell(RIGHT);
    await wholeCluster(nodes);
  };
}

/** Names of nodes as terms of Erlang. */
function namesOf(nodes: readonly RabbitmqServer[]): readonly string[] {
  return nodes.map(({ port }) => `'${nodeName(port)}'`);
}

/** Waits until every node of a cluster sees all of them run. */
export async function wholeCluster(nodes: readonly RabbitmqServer[]): Promise<void> {
  const whole = async () => (await Promise.all(nodes.map((node) => seesRun(node, nodes.length)))).every((sees) => sees);
  await eventually(whole, { what: "every node of the cluster to take part", deadlineMs: JOIN_DEADLINE_MS });
}

/** Whether a node sees so many nodes run, itself among them. */
async function seesRun(node: RabbitmqServer, nodes: number): Promise<boolean> {
  return Number((await node.ctl("eval", "length(rabbit_nodes:all_running()).")).trim()) === nodes;
}
