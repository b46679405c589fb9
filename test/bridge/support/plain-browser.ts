import assert from 'node:assert/strict';

/** A page as people read it. */
export interface ReadPage {
  readonly url: string;
  readonly status: number;
  /** Without markup. */
  readonly text: string;
  readonly html: string;
}

/** A browser without scripts, as far as logging in needs one: cookies, links, forms, and pages that lead on by themselves. */
export interface PlainBrowser {
  open(url: string): Promise<ReadPage>;
  /** Presses the button of the page's own form. */
  press(page: ReadPage): Promise<ReadPage>;
  /** Where the page leads, by itself or by its button that is a link. */
  next(page: ReadPage): string;
  /** Answers Slack's question; resolves with the address to which Slack sends the browser, which isn't opened yet. */
  decide(question: string, answer: Decision): Promise<string>;
}

export interface Decision {
  readonly user: string;
  readonly decision?: 'allow' | 'deny';
  /** Absent: all that is asked for. */
  readonly scopes?: string;
}

/** Each is another browser: it knows no cookies of others. */
export function plainBrowser(): PlainBrowser {
  const jar = new Map<string, string>();

  async function load(url: string, form?: URLSearchParams): Promise<ReadPage> {
    const cookie = Array.from(jar, ([name, value]) => `${name}=${value}`).join('; ');
    const headers = {
      ...(cookie !== '' && { cookie }),
      ...(form && { 'sec-fetch-site': 'same-origin' }),
    };
    const method = form ? 'POST' : 'GET';
    const response = await fetch(url, { method, headers, body: form ?? null, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split('=');
      jar.set(name, value);
    }
    const html = await response.text();
    return { url, status: response.status, html, text: readable(html) };
  }

  return {
    open: (url) => load(url),
    press: (page) => {
      const fields = page.html.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g);
      const named = Array.from(fields, ([, name = '', value = '']): [string, string] => [name, value]);
      return load(page.url, new URLSearchParams(named));
    },
    next: ({ html }) => {
      const link =
        /content="0; url=([^"]+)"/.exec(html) ?? /<a[^>]*class="button"[^>]*href="([^"]+)"/.exec(html);
      assert.ok(link?.[1], `the page leads nowhere: ${readable(html)}`);
      return link[1].replaceAll('&amp;', '&');
    },
    decide: async (question, { user, decision = 'allow', scopes }) => {
      const asked = new URL(question);
      if (scopes !== undefined) asked.searchParams.set('user_scope', scopes);
      const body = new URLSearchParams([...asked.searchParams, ['user', user], ['decision', decision]]);
      const response = await fetch(asked.origin + asked.pathname, {
        method: 'POST',
        body,
        redirect: 'manual',
      });
      assert.equal(response.status, 302, readable(await response.text()));
      return response.headers.get('location') ?? '';
    },
  };
}

function readable(html: string): string {
  const text = html.replace(/<style>[^]*?<\/style>/, '').replace(/<[^>]+>/g, ' ');
  return text.replaceAll('&#39;', "'").replaceAll('&amp;', '&').replace(/\s+/g, ' ').trim();
}
