const HEAD = `# Compatibility

Written by \`npm run test:matrix\`, which keeps what it found in \`compatibility.json\` beside this page. Chicory needs Node
20.19, Redis 6.2 or RabbitMQ 3.10, or newer; what is not named here was not tried. Which abilities of newer servers are
used, and where that is tested, stands in [brokers](brokers.md#newer-servers).`;

/** The page with what runs found: rows of servers and of releases of Node, and what was left out with the reason. */
export function compatibilityPage({ servers, nodes, left }) {
  const sections = [...serverSection(servers), ...nodeSection(nodes), ...failures(servers, nodes)];
  const parts = [HEAD, ranOn([...servers, ...nodes]), ...sections, ...skips(servers, nodes), ...leftOut(left)];
  return `${parts.join("\n\n")}\n`;
}

function ranOn(rows) {
  const machines = [...new Set(rows.map(({ machine }) => machine))];
  return wrap(`Run on ${machines.join(", and on ")} (the release of Node for the servers' rows).`);
}

function serverSection(rows) {
  const text =
    "All tests of the driver's package that use a server, the conformance suite among them, against a server of its own " +
    "that each file starts.";
  const lines = rows.map((row) => {
    const counts = [row.passed, row.failures.length, row.skipped.length];
    return `| ${row.name} ${row.version} | ${row.from} | ${row.ran} | ${counts.join(" | ")} |`;
  });
  return ["## Servers", wrap(text), table("| server | from | run | passed | failed | skipped |", lines)];
}

function nodeSection(rows) {
  const text = "The unit tests of every package, and the conformance suite on each broker, with the installed servers.";
  const lines = rows.map(({ title, ran, suites }) => {
    const shown = Object.values(suites).map((result) => summary(result));
    return `| ${title} | ${ran} | ${shown.join(" | ")} |`;
  });
  return ["## Node", wrap(text), table("| release | run | unit tests | memory | Redis | RabbitMQ |", lines)];
}

function failures(servers, nodes) {
  const lines = allResults(servers, nodes).flatMap(({ title, result }) =>
    result.failures.map((name) => `- ${title}: ${name}`),
  );
  return lines.length === 0 ? [] : ["## What failed", lines.join("\n")];
}

function skips(servers, nodes) {
  const lines = allResults(servers, nodes).flatMap(({ title, result }) =>
    result.skipped.map((name) => `- ${title}: ${name}`),
  );
  if (lines.length === 0) return [];
  return ["## What was skipped", "Tests of what that server or release does not have.", lines.join("\n")];
}

function leftOut(left) {
  if (left.length === 0) return [];
  return ["## What was left out", left.map(({ name, reason }) => `- ${name}: ${reason}`).join("\n")];
}

function allResults(servers, nodes) {
  return [
    ...servers.map((row) => ({ title: row.title, result: row })),
    ...nodes.flatMap(({ title, suites }) =>
      Object.entries(suites).map(([suite, result]) => ({ title: `${title}, ${suite}`, result })),
    ),
  ];
}

function summary({ passed, failures: failed, skipped }) {
  const more = skipped.length === 0 ? "" : `, ${skipped.length} skipped`;
  return failed.length === 0 ? `${passed} passed${more}` : `${passed} passed, ${failed.length} failed${more}`;
}

function table(head, lines) {
  const columns = head.split("|").length - 2;
  return [head, `|${" --- |".repeat(columns)}`, ...lines].join("\n");
}

/** At most 120 characters a line, as the other pages have it. */
function wrap(text) {
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last === "") lines[lines.length - 1] = word;
    else if (last.length + 1 + word.length <= 120) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.join("\n");
}
