/** Fields whose values say what something is, not how it is called. */
const telling: ReadonlySet<string> = new Set([
  'type',
  'subtype',
  'style',
  'msgtype',
  'rel_type',
  'membership',
  'mode',
  'mimetype',
  'filetype',
]);

/** Fields that hold people's words: only the marks in these count. */
const written: ReadonlySet<string> = new Set(['text', 'body', 'formatted_body', 'value', 'pretext']);

/** What is left of a payload when its words, numbers and ids are taken away. */
export function shapeOf(value: unknown, key = ''): unknown {
  if (typeof value === 'string') {
    if (telling.has(key)) return value;
    return written.has(key) ? marksIn(value) : '';
  }
  if (typeof value === 'number') return 0;
  if (Array.isArray(value)) return value.map((each) => shapeOf(each, key));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, shapeOf(field, name)]));
}

/** HTML without its texts and addresses; in other texts all that is neither a letter, a digit nor a space. */
function marksIn(text: string): string {
  if (text.trim() === '') return 'nothing';
  const elements = [...text.matchAll(/<\/?[a-z][a-z0-9-]*(?:\s+[a-z-]+)*/g)].map(([tag]) => tag);
  return elements.join('') + text.replaceAll(/[\p{L}\p{N}\p{M}\s]+/gu, '');
}
