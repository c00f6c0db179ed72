// npm run chaos: kills, pauses and cuts off workers and servers under load, and checks what the delivery modes promise.
import { run } from "./lib/command.mjs";
import { main } from "./lib/main.mjs";
import { install, turbo } from "./lib/pnpm.mjs";
import { ensureServers, TEST_SERVERS } from "./lib/servers.mjs";
import { root } from "./lib/workspace.mjs";

await main(async () => {
  await ensureServers(TEST_SERVERS);
  await install();
  await turbo("build", "--filter=@chicory/chaos", "--output-logs=errors-only");
  await run(process.execPath, ["tests/chaos/dist/main.js", ...process.argv.slice(2)], { cwd: root });
});
