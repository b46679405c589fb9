/** The HTML of Matrix messages (`formatted_body`). */
import { Tokenizer, TokenizerMode } from 'parse5';
import type { Token } from 'parse5';
import { HtmlReader } from './html-reader.ts';
import { normalise } from './normalise.ts';
import type { Doc } from './tree.ts';

export { renderHtml } from './html-render.ts';

/** A Matrix event holds 64 KiB; what lies beyond in an input isn't read. */
const maxInput = 65_536;

/** Elements whose text is not meant to be read as HTML, and how the tokenizer reads it instead. */
const rawElements: ReadonlyMap<string, typeof TokenizerMode.RAWTEXT | typeof TokenizerMode.RCDATA> = new Map([
  ...['style', 'script', 'iframe', 'noembed', 'noframes', 'xmp'].map(
    (tag) => [tag, TokenizerMode.RAWTEXT] as const,
  ),
  ...['title', 'textarea'].map((tag) => [tag, TokenizerMode.RCDATA] as const),
]);

/**
 * Parses the HTML of a Matrix message.
 *
 * | HTML                                              | Doc                                                          |
 * | ------------------------------------------------- | ------------------------------------------------------------ |
 * | `<strong>` `<em>` `<u>` `<del>` `<code>` and kin  | marks                                                        |
 * | `data-mx-spoiler`, `data-mx-color`                | marks; a spoiler's reason stands before it in parentheses    |
 * | `<a href="https://matrix.to/#/@ann:example.org">` | mention; rooms and aliases too, `matrix:` URIs too           |
 * | `<a href="…">`                                    | link; schemes other than http, https and mailto: only text   |
 * | `<p>`, `<div>`, `<br>`, `<h1>` to `<h6>`, `<hr>`  | paragraph, line, break, heading, divider                     |
 * | `<ul>`, `<ol start>`, `<blockquote>`, `<pre>`     | list, quote, code block with the language of its class       |
 * | `<table>`, `<caption>`, `<details>`               | table, after its caption; quote that begins with the summary in bold |
 * | `<sup>`, `<sub>`                                  | the characters that exist (`x²`), else `x^n`, `a_(ij)`       |
 * | `data-mx-maths`                                   | the formula as it was written, as code                       |
 * | `<img data-mx-emoticon>`, `<img>`                 | emoji; picture with its alternative text                     |
 * | `<mx-reply>` at the start                         | nothing: it repeats the message that is answered             |
 * | `<script>`, `<style>`, comments                   | nothing                                                      |
 * | any other element                                 | what is in it                                                |
 *
 * Total: any text has a result. Linear in the length of `html`: tags are read one by one by parse5's tokenizer, without
 * the repairs of a browser's tree (which can multiply its input), and nest a hundred deep at most.
 * @see https://spec.matrix.org/latest/client-server-api/#mroommessage-msgtypes
 */
export function parseHtml(html: string): Doc {
  const reader = new HtmlReader();
  const tokenizer: Tokenizer = new Tokenizer(
    {},
    {
      onStartTag: (token: Token.TagToken) => {
        const mode = rawElements.get(token.tagName);
        if (mode !== undefined) tokenizer.state = mode;
        reader.open(token.tagName, new Map(token.attrs.map(({ name, value }) => [name, value])));
      },
      onEndTag: (token: Token.TagToken) => reader.close(token.tagName),
      onCharacter: ({ chars }) => reader.text(chars),
      onWhitespaceCharacter: ({ chars }) => reader.text(chars),
      onNullCharacter: () => undefined,
      onComment: () => undefined,
      onDoctype: () => undefined,
      onEof: () => undefined,
    },
  );
  tokenizer.write(withoutReply(html.slice(0, maxInput)), true);
  return normalise({ blocks: reader.end() });
}

/** Without the reply fallback that clients put before their own text; it stays if it has no end. */
function withoutReply(html: string): string {
  if (!/^\s{0,100}<mx-reply[\s>]/i.test(html)) return html;
  const end = /<\/mx-reply\s{0,100}>/i.exec(html);
  return end ? html.slice(end.index + end[0].length) : html;
}
