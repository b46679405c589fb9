import { el } from './dom.js';
import { mrkdwn } from './rich-text.js';

/** The block's text and, on a click, its JSON. */
export function otherBlock(block, names) {
  const json = el('pre', { class: 'json', hidden: true }, JSON.stringify(block, undefined, 2));
  const show = () => json.toggleAttribute('hidden');
  const text = [...texts(block)].map((value) => el('span', {}, mrkdwn(value, names), ' '));
  return el(
    'div',
    { class: 'block' },
    el('button', { class: 'kind', onclick: show }, block.type),
    ' ',
    text,
    json,
  );
}

/** The texts anywhere inside a block, in reading order. */
function* texts(value) {
  if (Array.isArray(value)) for (const item of value) yield* texts(item);
  else if (value && typeof value === 'object') {
    if (typeof value.text === 'string') yield value.text;
    for (const [key, inner] of Object.entries(value))
      if (key !== 'text' || typeof inner === 'object') yield* texts(inner);
    if (typeof value.alt_text === 'string') yield value.alt_text;
  }
}
