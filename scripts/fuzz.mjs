// npm run fuzz -- [--count N] [--seed N] [--only PART]: gives codec, brokers and API generated bad input; see tests/fuzz/.
import { run } from "./lib/command.mjs";
import { main } from "./lib/main.mjs";
import { install, turbo } from "./lib/pnpm.mjs";
import { ensureServers, TEST_SERVERS } from "./lib/servers.mjs";
import { root } from "./lib/workspace.mjs";

await main(async () => {
  await ensureServers(TEST_SERVERS);
  await install();
  await turbo("build", "--filter=@chicory/fuzz", "--output-logs=errors-only");
  await run(process.execPath, ["tests/fuzz/dist/main.js", ...process.argv.slice(2)], { cwd: root });
});
