// npm run bench -- redis [--quick]: measures a broker side by side with its bare client.
import { run } from "./lib/command.mjs";
import { main } from "./lib/main.mjs";
import { install, turbo } from "./lib/pnpm.mjs";
import { ensureServers, SERVERS } from "./lib/servers.mjs";
import { root } from "./lib/workspace.mjs";

const args = process.argv.slice(2);

await main(async () => {
  await ensureServers(args.flatMap((name) => SERVERS[name] ?? []));
  await install();
  await turbo("build", "--filter=@chicory/benchmarks", "--output-logs=errors-only");
  await run(process.execPath, ["benchmarks/dist/main.js", ...args], { cwd: root });
});
