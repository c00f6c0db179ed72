// npm run bench -- [redis] [rabbitmq] [memory] [--quick]: measures a broker side by side with its bare client; see benchmarks/.
import { run } from "./lib/command.mjs";
import { main } from "./lib/main.mjs";
import { install, turbo } from "./lib/pnpm.mjs";
import { ensureServers, SERVERS } from "./lib/servers.mjs";
import { root } from "./lib/workspace.mjs";

const args = process.argv.slice(2);

await main(async () => {
  const isNamed = ["redis", "rabbitmq", "memory"].some((name) => args.includes(name));
  await ensureServers(isNamed ? args.flatMap((name) => SERVERS[name] ?? []) : Object.values(SERVERS));
  await install();
  await turbo("build", "--filter=@chicory/benchmarks", "--output-logs=errors-only");
  await run(process.execPath, ["benchmarks/dist/main.js", ...args], { cwd: root });
});
