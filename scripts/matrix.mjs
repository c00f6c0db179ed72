// npm run test:matrix [-- words]: runs the drivers' suites on several versions of the servers, and the unit and
// conformance suites on several releases of Node, and writes docs/compatibility.md. With words it runs only what has one
// of them in its name ("valkey", "node 22"), and leaves the other rows of the page as they are.
import { main } from "./lib/main.mjs";
import { install } from "./lib/pnpm.mjs";
import { ensureServers, TEST_SERVERS } from "./lib/servers.mjs";
import { nodeReleases } from "./matrix/node-releases.mjs";
import { MatrixRecord } from "./matrix/record.mjs";
import { serversToTry } from "./matrix/servers.mjs";
import { driverFolder, environmentOf, runSuite, sumOf, unitFolders } from "./matrix/suite.mjs";

const BROKERS = ["memory", "redis", "rabbitmq"];
const CONFORMANCE = "/test/conformance";

const words = process.argv.slice(2).map((word) => word.toLowerCase());
const isWanted = (title) => words.length === 0 || words.some((word) => title.toLowerCase().includes(word));

await main(async () => {
  await ensureServers(TEST_SERVERS);
  await install();
  const { servers, left: leftServers } = await serversToTry();
  const { nodes, left: leftNodes } = await nodeReleases();
  const left = [...leftServers, ...leftNodes];
  for (const { name, reason } of left) console.log(`Left out: ${name}, since ${reason}`);
  // Side by side, since they mostly wait: the servers of each broker, and the releases of Node.
  const record = new MatrixRecord();
  const byBroker = ["redis", "rabbitmq"].map((broker) => servers.filter((server) => server.broker === broker));
  const results = await Promise.all([runOnNodes(nodes, record), ...byBroker.map((some) => runOnServers(some, record))]);
  if (words.length === 0) record.end(left);
  const { passed, failed } = sumOf(results.flat());
  console.log(`${passed} passed, ${failed} failed`);
  if (failed > 0 || passed === 0) process.exitCode = 1;
});

/** Everything that a driver's package tests with real servers, the conformance suite among it, on each server. */
async function runOnServers(servers, record) {
  const results = [];
  for (const server of servers) {
    const title = `${server.name} ${server.version} (${server.from})`;
    if (!isWanted(title)) continue;
    const result = await runSuite({ title, path: driverFolder(server.broker), patterns: ["/test/"], env: server.env });
    tell(title, result);
    record.keepServer({ title, server, result });
    results.push(result);
  }
  return results;
}

/** The unit tests of every package, and the conformance suite on each broker, by each release of Node. */
async function runOnNodes(nodes, record) {
  const results = [];
  for (const node of nodes) {
    const title = `Node ${node.version}`;
    if (!isWanted(title)) continue;
    const how = { title, env: environmentOf(node), node: node.path };
    const units = [];
    for (const path of unitFolders()) units.push(await runSuite({ ...how, path, patterns: ["/src/"] }));
    const suites = { unit: sumOf(units) };
    tell(`${title}, unit`, suites.unit);
    for (const broker of BROKERS) {
      suites[broker] = await runSuite({ ...how, path: driverFolder(broker), patterns: [CONFORMANCE] });
      tell(`${title}, conformance on ${broker}`, suites[broker]);
    }
    record.keepNode({ title, suites });
    results.push(...Object.values(suites));
  }
  return results;
}

function tell(title, { passed, failures, skipped }) {
  const more = skipped.length === 0 ? "" : `, ${skipped.length} skipped`;
  console.log(`${failures.length > 0 ? "FAIL" : "ok  "} ${title}: ${passed} passed, ${failures.length} failed${more}`);
  for (const { name, message } of failures) console.log(`\n${name}\n${message.replace(/^/gm, "    ")}\n`);
}
