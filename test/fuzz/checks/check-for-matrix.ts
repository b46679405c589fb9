import assert from 'node:assert/strict';
import { parseFragment } from 'parse5';
import type { DefaultTreeAdapterTypes } from 'parse5';
import { collectMentions } from '../../../src/format/doc.ts';
import type { Doc } from '../../../src/format/doc.ts';
import { renderHtml } from '../../../src/format/html.ts';
import { matrixLimits, splitDoc } from '../../../src/format/splitter.ts';

type Element = DefaultTreeAdapterTypes.Element;
type Node = DefaultTreeAdapterTypes.Node;

/** What may stand in our HTML: elements, and the attributes that each may have. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  p: [],
  br: [],
  hr: [],
  h1: [],
  h2: [],
  h3: [],
  h4: [],
  h5: [],
  h6: [],
  blockquote: [],
  ul: [],
  ol: ['start'],
  li: [],
  pre: [],
  code: ['class'],
  table: [],
  thead: [],
  tbody: [],
  tr: [],
  th: [],
  td: [],
  strong: [],
  em: [],
  u: [],
  del: [],
  span: ['data-mx-spoiler', 'data-mx-color'],
  a: ['href'],
  img: ['data-mx-emoticon', 'src', 'alt', 'title', 'height'],
};

/** A homeserver refuses larger events; an event has addresses and signatures besides its text. */
const mostBytes = 65_536 - 4_096;

/** Whatever a tree holds: what goes to Matrix is HTML that means what it says, fits, and calls only whom it may. */
export function checkForMatrix(doc: Doc): void {
  for (const piece of splitDoc(doc, matrixLimits)) {
    const { body, formattedBody = '', mentions } = renderHtml(piece);
    const bytes = Buffer.byteLength(JSON.stringify({ body, formatted_body: formattedBody, mentions }));
    assert.ok(bytes <= mostBytes, `a piece fits into an event: ${bytes}`);
    for (const text of [body, formattedBody]) {
      assert.ok(text.isWellFormed() && !text.includes('\0'), 'valid Unicode without NUL');
    }
    checkHtml(formattedBody);
    const meant = new Set<string>(
      collectMentions(piece).flatMap((target) => ('user' in target ? [target.user] : [])),
    );
    for (const user of mentions.userIds) assert.ok(meant.has(user), 'only who is in the tree is called');
    assert.equal(mentions.room, false);
  }
}

/** Reads it as a browser does: that finds the same elements as we wrote, none added, moved or left out. */
function checkHtml(html: string): void {
  const found = elementsIn(parseFragment(html));
  const written = [...html.matchAll(/<([a-z0-9]+)/g)].map(([, tag]) => tag);
  assert.deepEqual(
    found.map(({ tagName }) => tagName),
    written,
    'a browser reads what was written',
  );
  for (const { tagName, attrs } of found) {
    for (const { name, value } of attrs) {
      assert.ok(allowed[tagName]?.includes(name), `${tagName} may have ${name}`);
      if (name === 'href') assert.match(value, /^(?:https?:\/\/[^/]|mailto:.)/i);
      if (name === 'src') assert.match(value, /^mxc:\/\//);
      if (name === 'data-mx-color') assert.match(value, /^#[0-9a-f]{6}$/);
    }
    assert.ok(Object.hasOwn(allowed, tagName), `${tagName} is an element of ours`);
  }
}

function elementsIn(root: DefaultTreeAdapterTypes.DocumentFragment): readonly Element[] {
  const found: Element[] = [];
  const waiting: Node[] = [root];
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    if ('tagName' in node) found.push(node);
    if ('childNodes' in node) waiting.push(...node.childNodes.toReversed());
  }
  return found;
}
