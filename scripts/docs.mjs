// node scripts/docs.mjs [--check]: writes docs/configuration.md from the schemas of the built packages, or fails if it
// is not current.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { main } from "./lib/main.mjs";
import { accepted } from "./lib/schema-text.mjs";
import { root } from "./lib/workspace.mjs";

const PAGE = join(root, "docs", "configuration.md");

const load = (name) => import(new URL(`../packages/${name}/dist/index.js`, import.meta.url));

await main(async () => {
  const core = await load("core");
  const worker = await load("worker");
  const brokers = await Promise.all(["broker-redis", "broker-rabbitmq", "broker-memory"].map(load));
  const sections = [
    { title: "App", section: core.appSection, where: "in `new Chicory({ ... })`, or at the top of the config object" },
    {
      title: "Worker",
      section: worker.workerSection,
      where:
        "in `new Worker(app, { ... })`, where `queue` is called `queues` and `logLevel` does not exist, as `worker` in the config object",
    },
    ...brokers.map(({ brokerName, configSchema }) => ({
      title: `Broker: ${brokerName}`,
      section: core.brokerSection(brokerName, configSchema),
      where: `in \`${brokerName}({ ... })\` of \`@chicory/broker-${brokerName}\`, as \`broker.${brokerName}\` in the config object`,
    })),
  ];
  const text = page(sections.map(({ title, section, where }) => chapter(core, title, section, where)));
  if (!process.argv.includes("--check")) return writeFile(PAGE, text);
  const written = await readFile(PAGE, "utf8").catch(() => "");
  if (written !== text) throw new Error("docs/configuration.md is not current: run node scripts/docs.mjs");
});

function page(chapters) {
  return `<!-- Written by scripts/docs.mjs from the schemas: change those, and run it. -->

# Configuration

Each option has one value, from the first of these that gives it:

1. an option in code, or a flag of the command
2. the config object: \`new Chicory({ config: defineConfig({ ... }) })\`
3. an environment variable
4. the file \`.env\` in the working directory; it is read, and never written into \`process.env\`
5. the default

A variable that is set to nothing counts as not set. In variables, \`true\`, \`1\`, \`yes\` and \`on\` are true; \`false\`,
\`0\`, \`no\` and \`off\` are false. A value that is not acceptable is an error that names its place and what would be
accepted. \`chicory config tasks:app --show-origin\` prints every value with its origin; secrets are printed as
\`[redacted]\`.

\`CHICORY_BROKER\` names the broker: \`redis\`, \`memory\`, or a package. Without it, and without a \`broker\` in code, the
only broker package among the \`dependencies\` of the project's package.json is used.

${chapters.join("\n\n")}
`;
}

function chapter(core, title, section, where) {
  const { options } = core.resolveSection(section, { environment: { variables: {}, dotenv: {} } });
  const rows = options.map(({ name, variable, value, secret, description }) => {
    const meaning = `${description ?? ""}${secret ? ". Secret" : ""}`;
    const takes = accepted(section.schema.entries[name]);
    return `| \`${name}\` | \`${variable}\` | ${takes} | ${shown(value)} | ${escaped(meaning)} |`;
  });
  return [
    `## ${title}`,
    "",
    `To be given ${where}.`,
    "",
    "| option | environment variable | takes | default | meaning |",
    "| --- | --- | --- | --- | --- |",
    ...rows,
  ].join("\n");
}

function shown(value) {
  return value === undefined ? "" : `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;
}

function escaped(text) {
  return text.replaceAll("|", "\\|");
}
