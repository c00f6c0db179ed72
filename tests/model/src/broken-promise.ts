/** A promise of the delivery protocol was broken. The message tells how it came to that, in numbered steps. */
export class BrokenPromise extends Error {
  constructor(promise: string, what: string, story: readonly string[]) {
    super([`${promise}: ${what}`, ...story.map((sentence, index) => `  ${index + 1}. ${sentence}`)].join("\n"));
    this.name = "BrokenPromise";
  }
}
