// npm test: installs, builds, makes sure that real servers can be started, and runs every package's tests.
import { main } from "./lib/main.mjs";
import { install, turbo, turboStatus } from "./lib/pnpm.mjs";
import { clearResults, collectResults, totalLine } from "./lib/results.mjs";
import { ensureServers, TEST_SERVERS } from "./lib/servers.mjs";

clearResults();
await main(async () => {
  await ensureServers(TEST_SERVERS);
  await install();
  await turbo("build");
  // One package at a time: the tests of drivers and workers care about time, and servers want a core of their own.
  process.exitCode = await turboStatus("test", "--concurrency=1", "--continue");
});
report(collectResults());

function report(results) {
  console.log("");
  for (const { name, passed, failed, skipped } of results) {
    const more = skipped > 0 ? `, ${skipped} skipped` : "";
    console.log(`${failed > 0 ? "FAIL" : "ok  "} ${name}: ${passed} passed, ${failed} failed${more}`);
  }
  for (const result of results) {
    for (const { name, message } of result.failures) console.log(`\n${result.name}: ${name}\n${indent(message)}`);
  }
  if (results.some(({ failed }) => failed > 0) || results.every(({ passed }) => passed === 0)) process.exitCode = 1;
  console.log(`\n${totalLine(results)}`);
}

function indent(text) {
  return text.replace(/^/gm, "    ");
}
