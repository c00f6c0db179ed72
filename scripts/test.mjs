// npm test: installs, builds, makes sure that real servers can be started, and runs every package's tests.
import { main } from "./lib/main.mjs";
import { install, turbo, turboStatus } from "./lib/pnpm.mjs";
import { report } from "./lib/report.mjs";
import { clearResults } from "./lib/results.mjs";
import { ensureServers, TEST_SERVERS } from "./lib/servers.mjs";

clearResults();
await main(async () => {
  await ensureServers(TEST_SERVERS);
  await install();
  await turbo("build");
  // One package at a time: the tests of drivers and workers care about time, and servers want a core of their own.
  process.exitCode = await turboStatus("test", "--concurrency=1", "--continue");
});
if (!report()) process.exitCode = 1;
