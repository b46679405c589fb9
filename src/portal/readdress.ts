import type { Doc, Link } from '../format/doc.ts';
import { mapLinks, text } from '../format/doc.ts';

/** So many addresses of one message are looked up. */
const mostLinks = 10;

/**
 * The tree with its links leading where `addressOf` says; undefined: where they led before. What a link says stays, but for
 * one that shows its bare address.
 *
 * @param links the addresses of the tree's links
 */
export async function readdress(
  doc: Doc,
  links: readonly string[],
  addressOf: (url: string) => Promise<string | undefined>,
): Promise<Doc> {
  const found = new Map<string, string>();
  for (const url of [...new Set(links)].slice(0, mostLinks)) {
    const address = await addressOf(url);
    if (address !== undefined) found.set(url, address);
  }
  if (found.size === 0) return doc;
  return mapLinks(doc, (link) => leadingTo(link, found.get(link.url)));
}

function leadingTo(link: Link, url: string | undefined): Link {
  if (url === undefined) return link;
  const [only, ...more] = link.children;
  const isBare = more.length === 0 && only?.type === 'text' && bare(only.text) === bare(link.url);
  return { ...link, url, ...(isBare && { children: [text(url, only.marks)] }) };
}

function bare(address: string): string {
  return address.replace(/^https?:\/\//i, '').replaceAll('&amp;', '&');
}
