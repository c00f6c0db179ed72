/**
 * `user:password@` of a URL, whatever its scheme, up to the last `@`: a password that should have been escaped may hold
 * slashes, and an `@` in the path costs no more than some text that is hidden too. Files have neither user nor password,
 * and an `@` in many of their paths.
 */
const USERINFO = /\b(?!file:)([a-z][a-z0-9+.-]*:\/\/)[^\s"'<>]*@/gi;

/** The text without user names and passwords of URLs in it. */
export function redactUrls(text: string): string {
  return text.replace(USERINFO, "$1[redacted]@");
}
