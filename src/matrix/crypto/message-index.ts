/**
 * The how-manieth message of its key this is, from 0: it stands in clear in the ciphertext, after the version and its tag,
 * as a number in groups of seven bits. What has none counts as far too many.
 * @see https://gitlab.matrix.org/matrix-org/olm/-/blob/master/docs/megolm.md#message-format
 */
export function messageIndex(ciphertext: unknown): number {
  if (typeof ciphertext !== 'string') return Infinity;
  const bytes = Buffer.from(ciphertext.slice(0, 12), 'base64');
  if (bytes[0] !== 3 || bytes[1] !== 8) return Infinity;
  let index = 0;
  let place = 1;
  for (const byte of bytes.subarray(2, 7)) {
    index += (byte & 127) * place;
    if (byte < 128) return index;
    place *= 128;
  }
  return Infinity;
}
