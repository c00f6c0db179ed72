import { collectResults, totalLine } from "./results.mjs";

/**
 * Prints what every package's tests came to, each failure with its message, and at the very end the total. Returns
 * whether all is well: something passed, nothing failed, and every package with tests ran them.
 */
export function report() {
  const results = collectResults();
  console.log("");
  for (const { name, passed, failed, skipped } of results) {
    const more = skipped > 0 ? `, ${skipped} skipped` : "";
    console.log(`${failed > 0 ? "FAIL" : "ok  "} ${name}: ${passed} passed, ${failed} failed${more}`);
  }
  for (const result of results) {
    for (const { name, message } of result.failures) console.log(`\n${result.name}: ${name}\n${indent(message)}`);
  }
  console.log(`\n${totalLine(results)}`);
  return results.some(({ passed }) => passed > 0) && results.every(({ failed }) => failed === 0);
}

function indent(text) {
  return text.replace(/^/gm, "    ");
}
