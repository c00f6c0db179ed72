#!/usr/bin/env node
import { main } from "./main.js";

const exitCode = await main(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
  env: process.env,
  directory: process.cwd(),
});
// Not by itself: what an app's module holds open, a pool of connections say, would keep the process for ever.
process.exit(exitCode);
