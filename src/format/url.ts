/** Which addresses may be links. */

const allowed = /^(?:https?:\/\/[^/]|mailto:.)/i;
/** Slack refuses longer ones. */
const longest = 3000;

/**
 * An address that may be a link, with what could end it early (spaces, quotes, angle brackets, bars) percent-encoded.
 * Undefined for schemes other than http, https and mailto, and for what isn't an address: show that as text.
 */
export function safeUrl(value: string): string | undefined {
  const trimmed = value.replace(/[\t\n\r\0]/g, '').trim();
  if (trimmed.length > longest || !allowed.test(trimmed)) return undefined;
  return trimmed.toWellFormed().replace(/[\s"<>|`\\^{}\p{Cc}\p{Cf}]/gu, encodeURIComponent);
}
