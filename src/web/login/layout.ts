import { hash } from 'node:crypto';
import type { OutgoingHttpHeaders } from 'node:http';
import { html } from './html.ts';
import type { Html } from './html.ts';

/** A page for people. */
export interface Page {
  readonly status: number;
  readonly title: string;
  readonly body: Html;
  /** `bad`: something is wrong; `good`: all is done. */
  readonly mood?: 'good' | 'bad';
  /** Where the browser goes by itself at once; the page says so, too. */
  readonly onwards?: string;
}

/** Also what the policy below knows the styles by: a change of a letter changes its hash. */
const styles = `
:root { color-scheme: light dark; --text: #1d1c1d; --soft: #5d5b60; --back: #f3f4f6; --card: #fff; --line: #dcdde1;
  --button: #3d1f66; --button-text: #fff; --good: #12704a; --bad: #a4262c; --note: #f7f2e4; }
@media (prefers-color-scheme: dark) { :root { --text: #ececee; --soft: #a9a8b0; --back: #131316; --card: #1d1d22;
  --line: #37373f; --button: #b79ae6; --button-text: #17101f; --good: #5cc795; --bad: #ff8a85; --note: #2b2718; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 1.25rem 1rem 3rem; background: var(--back); color: var(--text);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; overflow-wrap: anywhere; }
main { max-width: 38rem; margin: 0 auto; padding: 1.5rem 1.35rem 1.75rem; background: var(--card);
  border: 1px solid var(--line); border-radius: 1rem; }
header { max-width: 38rem; margin: 0 auto 0.75rem; color: var(--soft); font-size: 0.9rem; }
h1 { margin: 0 0 1rem; font-size: 1.5rem; line-height: 1.25; text-wrap: balance; }
h2 { margin: 1.75rem 0 0.5rem; font-size: 1.05rem; }
p { margin: 0.65rem 0; }
ul { margin: 0.5rem 0; padding: 0; list-style: none; }
li { padding: 0.6rem 0; border-top: 1px solid var(--line); }
li:first-child { border-top: 0; }
li span { display: block; color: var(--soft); font-size: 0.93rem; }
.name { font-weight: 600; }
.good h1 { color: var(--good); }
.bad h1 { color: var(--bad); }
.note { padding: 0.75rem 0.9rem; background: var(--note); border-radius: 0.6rem; }
.small { color: var(--soft); font-size: 0.88rem; }
code { font: 0.95em ui-monospace, "SF Mono", "Cascadia Mono", Menlo, monospace; }
.say { display: block; margin: 1rem 0; padding: 0.9rem 1rem; border: 1px dashed var(--soft); border-radius: 0.6rem;
  font-size: 1.15rem; text-align: center; user-select: all; }
a { color: inherit; }
.button { display: block; width: 100%; margin: 1.5rem 0 0.5rem; padding: 0.85rem 1rem; border: 0; border-radius: 0.7rem;
  background: var(--button); color: var(--button-text); font: inherit; font-weight: 600; text-align: center;
  text-decoration: none; cursor: pointer; }
.button:hover { filter: brightness(1.12); }
.button:focus-visible, a:focus-visible { outline: 3px solid var(--soft); outline-offset: 2px; }
`;

const stylesHash = hash('sha256', styles, 'base64');

/** Nothing is loaded, nothing runs, nobody frames it, keeps it, or learns its address from a link. */
export const pageHeaders: OutgoingHttpHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${stylesHash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  'x-robots-tag': 'noindex, nofollow',
};

/** The whole document. */
export function documentOf({ title, body, mood, onwards }: Page): string {
  const style: Html = { markup: `<style>${styles}</style>` }; // a constant of ours
  const refresh =
    onwards === undefined ? undefined : html`<meta http-equiv="refresh" content="0; url=${onwards}" />`;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex, nofollow" />
        ${refresh}
        <title>${title}</title>
        ${style}
      </head>
      <body class="${mood ?? 'plain'}">
        <header>Matrix–Slack bridge</header>
        <main>
          <h1>${title}</h1>
          ${body}
        </main>
      </body>
    </html> `.markup;
}
