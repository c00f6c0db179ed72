/** Runs a script's body; an error is told in its own words, without a stack, and ends with status 1. */
export async function main(body) {
  try {
    await body();
  } catch (error) {
    console.error(`\n${error.message}`);
    process.exitCode = 1;
  }
}
