import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '../../log.ts';
import { documentOf, pageHeaders } from './layout.ts';
import type { Page } from './layout.ts';
import { outcomePage } from './outcome-pages.ts';
import type { LoginDesk } from './ports.ts';
import { onwardsPage, questionPage } from './question-page.ts';
import { readForm } from './read-form.ts';
import { brokenPage, busyPage, noCookiePage, refusalPage } from './refusal-pages.ts';

export interface LoginPagesOptions {
  readonly desk: LoginDesk;
  /** How browsers reach this server: `https://bridge.example.org`, maybe with a path. */
  readonly publicUrl: string;
  readonly log: Logger;
}

/** Where the pages live below the public address, and where Slack sends people back to. */
export const loginPath = '/login/';
export const callbackPath = `${loginPath}callback`;

/** How many are answered at once; more are told to come again. */
const atOnce = 20;

/**
 * The pages on which people link their accounts. Nothing on them needs a script.
 *
 * | request                 | what it does                                                                             |
 * | ----------------------- | ---------------------------------------------------------------------------------------- |
 * | `GET /login/<secret>`   | says who asks for what; changes nothing (chat apps open links to show what is behind)     |
 * | `POST /login/<secret>`  | the button: binds the link to the browser and sends it to Slack                           |
 * | `GET /login/callback`   | Slack's answer; counts only from the browser that was sent there, and once                |
 *
 * The browser is known by a cookie that the first page sets. The button sends along what can only be made with that
 * cookie: no other site can press it, and none can send a browser to Slack's question past the page that explains it.
 */
export function createLoginPages(options: LoginPagesOptions) {
  const { desk, log } = options;
  const cookies = browserCookie(options.publicUrl);
  let running = 0;

  async function pageFor(request: IncomingMessage, response: ServerResponse, url: URL): Promise<Page> {
    if (url.pathname === callbackPath) return callback(request, url.searchParams);
    const secret = url.pathname.slice(loginPath.length);
    if (!/^[\w-]{43}$/.test(secret)) return refusalPage({ type: 'unknown' });
    if (request.method === 'POST') return button(request, secret);
    const found = await desk.look(secret);
    if ('type' in found) return refusalPage(found);
    const browser = cookies.read(request) ?? randomBytes(32).toString('base64url');
    response.setHeader('set-cookie', cookies.write(browser));
    return questionPage(found, formToken(browser, secret));
  }

  async function button(request: IncomingMessage, secret: string): Promise<Page> {
    const browser = cookies.read(request);
    const token = (await readForm(request))?.get('token') ?? '';
    if (browser === undefined || !isOwnPage(request) || !same(token, formToken(browser, secret)))
      return noCookiePage;
    const begun = await desk.begin(secret, browser);
    return 'slack' in begun ? onwardsPage(begun.slack) : refusalPage(begun);
  }

  async function callback(request: IncomingMessage, answer: URLSearchParams): Promise<Page> {
    const [state, code, error] = [answer.get('state'), answer.get('code'), answer.get('error')];
    if (state === null || state.length > 200) return refusalPage({ type: 'stale' });
    const result = code !== null && error === null ? { code } : { error: error ?? 'no answer' };
    return outcomePage(await desk.answer(state, cookies.read(request) ?? '', result));
  }

  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (running >= atOnce) return send(request, response, busyPage);
    running += 1;
    try {
      const url = new URL(request.url ?? '/', 'http://bridge');
      send(request, response, await pageFor(request, response, url));
    } catch (error) {
      log.warn('a login page failed', { error });
      send(request, response, brokenPage);
    } finally {
      running -= 1;
    }
  };
}

function send(request: IncomingMessage, response: ServerResponse, page: Page): void {
  response.writeHead(page.status, pageHeaders);
  response.end(request.method === 'HEAD' ? undefined : documentOf(page));
}

/** What only a page shown to this browser for this link holds. */
function formToken(browser: string, secret: string): string {
  return createHmac('sha256', browser).update(`login form\n${secret}`).digest('base64url');
}

function same(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Browsers say where a form comes from, those of today at least; ours is on this very site. */
function isOwnPage(request: IncomingMessage): boolean {
  const site = request.headers['sec-fetch-site'];
  return site === undefined || site === 'same-origin';
}

/** Long enough for a login, also one that is tried again. */
const cookieSeconds = 3600;

function browserCookie(publicUrl: string) {
  const { protocol, pathname } = new URL(publicUrl);
  const secure = protocol === 'https:';
  const cookie = secure ? '__Secure-slack-login' : 'slack-login';
  const path = `${pathname.replace(/\/+$/, '')}/login`;
  const pattern = new RegExp(`(?:^|;\\s*)${cookie}=([\\w-]{43})(?:;|$)`);
  return {
    read: (request: IncomingMessage): string | undefined => pattern.exec(request.headers.cookie ?? '')?.[1],
    // Lax: Slack's answer comes from another site
    write: (browser: string): string =>
      `${cookie}=${browser}; Max-Age=${cookieSeconds}; Path=${path}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`,
  };
}
