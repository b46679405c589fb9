import { parseFragment } from 'parse5';
import type { DefaultTreeAdapterTypes } from 'parse5';

/** As a browser reads them: `a href=https://…`. */
export function elementsIn(html: string): readonly string[] {
  const found: string[] = [];
  const waiting: DefaultTreeAdapterTypes.Node[] = [parseFragment(html)];
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    if ('tagName' in node)
      found.push([node.tagName, ...node.attrs.map(({ name, value }) => `${name}=${value}`)].join(' '));
    if ('childNodes' in node) waiting.push(...node.childNodes);
  }
  return found;
}
