/** What can be one URL: a password that should have been escaped may hold anything but these. */
const WORD = /[^\s"'<>]+/g;

/**
 * Scheme of a URL, whatever it is. Files have neither user nor password, and an `@` in many of their paths. Its length
 * is bounded, so that a text made to take long takes no longer than others.
 */
const SCHEME = /\b(?!file:)[a-z][a-z0-9+.-]{0,31}:\/\//i;

/**
 * The text without user names and passwords of URLs in it. They end at the last `@` of a URL: an `@` in the path costs
 * no more than some text that is hidden too. Takes time in proportion to the text, whoever wrote it.
 */
export function redactUrls(text: string): string {
  return text.includes("://") ? text.replace(WORD, redactWord) : text;
}

function redactWord(word: string): string {
  const end = word.lastIndexOf("@");
  if (end < 0) return word;
  const scheme = SCHEME.exec(word);
  if (scheme === null) return word;
  const begin = scheme.index + scheme[0].length;
  return begin > end ? word : `${word.slice(0, begin)}[redacted]${word.slice(end)}`;
}
