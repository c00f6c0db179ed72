// npm run test:package: packs every public package and looks at the tarballs as a user would get them.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { capture, run } from "./lib/command.mjs";
import { main } from "./lib/main.mjs";
import { packAll } from "./lib/pack.mjs";
import { install, turbo } from "./lib/pnpm.mjs";
import { root } from "./lib/workspace.mjs";

const REQUIRED = ["package.json", "README.md", "LICENSE", "dist/index.js", "dist/index.d.ts"];
/** Nothing else may be in a tarball: no sources, no tests, no configuration. */
const ALLOWED = [
  /^(package\.json|README\.md|LICENSE)$/,
  /^dist\/[\w./-]+\.(js|js\.map|d\.ts)$/,
  /^schema\/[\w.-]+\.json$/,
];
const bin = (name) => join(root, "node_modules", ".bin", name);

await main(async () => {
  await install();
  await turbo("build", "--filter=./packages/*", "--output-logs=errors-only");
  const folder = await mkdtemp(join(tmpdir(), "chicory-pack-"));
  try {
    const problems = [];
    for (const { name, tarball } of await packAll(folder)) {
      console.log(`Looking at ${name}`);
      problems.push(...(await contentProblems(folder, tarball)).map((problem) => `${name}: ${problem}`));
      problems.push(...(await toolProblems("publint", [tarball, "--strict"])).map((problem) => `${name}: ${problem}`));
      const attw = ["--profile", "esm-only", "--format", "ascii", "--no-emoji", tarball];
      problems.push(...(await toolProblems("attw", attw)).map((problem) => `${name}: ${problem}`));
    }
    if (problems.length > 0) throw new Error(problems.join("\n"));
    console.log("\nEvery package is fit to be published.");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

/** What a tool has to say is only worth reading when it found something. */
async function toolProblems(name, args) {
  const { code, stdout, stderr } = await capture(bin(name), args, { cwd: root });
  return code === 0 ? [] : [`${name} found:\n${stdout}${stderr}`];
}

async function contentProblems(folder, tarball) {
  const listed = await capture("tar", ["-tzf", tarball]);
  if (listed.code !== 0) return [`cannot be read: ${listed.stderr}`];
  const files = listed.stdout
    .trim()
    .split("\n")
    .map((file) => file.replace(/^package\//, ""));
  const unpacked = join(folder, "unpacked");
  await rm(unpacked, { recursive: true, force: true });
  await run("mkdir", [unpacked]);
  await run("tar", ["-xzf", tarball, "-C", unpacked]);
  const manifest = await readFile(join(unpacked, "package", "package.json"), "utf8");
  return [
    ...REQUIRED.filter((file) => !files.includes(file)).map((file) => `${file} is missing`),
    ...files.filter((file) => !ALLOWED.some((allowed) => allowed.test(file))).map((file) => `${file} is not allowed`),
    ...(manifest.includes("workspace:") ? ["its manifest still refers to the workspace"] : []),
    ...(manifest.includes("./src/") ? ["its manifest still refers to the sources"] : []),
  ];
}
