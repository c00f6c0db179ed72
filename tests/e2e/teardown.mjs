import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Removes the project that the tests of this process installed; see src/installed-project.ts. */
// biome-ignore lint/style/noDefaultExport: what jest calls
export default async function teardown() {
  await rm(join(tmpdir(), "chicory-e2e", String(process.pid)), { recursive: true, force: true });
}
