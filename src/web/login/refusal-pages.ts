import { html, name } from './html.ts';
import type { Html } from './html.ts';
import type { Page } from './layout.ts';
import type { NotInstalled, Refusal, Retriable } from './ports.ts';
import { scopeGroups } from './scope-words.ts';

const askAgain = html`<p>
  Say <code>login</code> to the bridge’s bot in Matrix, or <code>/matrix login</code> in Slack: you get a new
  link.
</p>`;

const nothing = html`<p class="small">Nothing was linked.</p>`;

/** After these only a new link helps, if anything. */
const finals: Readonly<Record<Exclude<Refusal['type'], Retriable['type'] | NotInstalled['type']>, Page>> = {
  unknown: bad(
    404,
    'This link isn’t known',
    html`<p>It may be cut off or mistyped, or older than a day.</p>
      ${askAgain}`,
  ),
  used: bad(
    410,
    'This link was used already',
    html`<p>Each link is good for one time. If you linked your account with it, all is done.</p>
      ${askAgain}`,
  ),
  expired: bad(
    410,
    'This link is too old',
    html`<p>Links are good for ten minutes.</p>
      ${askAgain} ${nothing}`,
  ),
  'other-browser': bad(
    403,
    'This link belongs to another browser',
    html`<p>
        It was opened in another browser, or on another device, before. For your safety it goes on only there.
      </p>
      ${askAgain} ${nothing}`,
  ),
  stale: bad(
    400,
    'Slack’s answer fits no question of ours',
    html`<p>It may belong to a page that you opened before the last one.</p>
      ${askAgain} ${nothing}`,
  ),
  'not-permitted': bad(
    403,
    'The bridge is not open to your account',
    html`<p>Ask its administrator to give your Matrix account the permission “user”.</p>
      ${nothing}`,
  ),
  misconfigured: bad(
    500,
    'The bridge isn’t set up for this',
    html`<p>
        Slack doesn’t know the bridge’s app, or where to send you back. Its administrator finds in the
        bridge’s log what has to be done.
      </p>
      ${nothing}`,
  ),
};

/** Why there is nothing to ask, or it led to nothing, and what people can do. */
export function refusalPage(refusal: Refusal): Page {
  if (refusal.type === 'not-installed') return notInstalledPage(refusal);
  return 'workspace' in refusal ? retriablePage(refusal) : finals[refusal.type];
}

/** After these Slack can be asked again. */
function retriablePage(refusal: Retriable): Page {
  const again = retryButton(refusal.retry, 'Try again') ?? askAgain;
  const workspace = name(refusal.workspace);
  switch (refusal.type) {
    case 'denied':
      return bad(
        200,
        'You didn’t allow it',
        html`<p>That’s fine: nothing was linked.</p>
          ${again}`,
      );
    case 'away':
      return bad(
        502,
        'Slack doesn’t answer',
        html`<p>It can’t be reached at this moment, or it has too much to do. Wait a little.</p>
          ${again} ${nothing}`,
      );
    case 'code-refused':
      return bad(
        400,
        'Slack took its own answer back',
        html`<p>Its answer was too old, or used before.</p>
          ${again} ${nothing}`,
      );
    case 'missing-scopes':
      return bad(
        403,
        'Slack didn’t allow enough',
        html`<p>Without these the bridge can’t act for you in ${workspace}:</p>
          ${scopeList(refusal.scopes)}
          <p>If Slack doesn’t offer them, an admin of the workspace has to add them to the bridge’s app.</p>
          ${retryButton(refusal.retry, 'Ask Slack for them again') ?? askAgain} ${nothing}`,
      );
    case 'other-workspace':
      return bad(
        403,
        'That was another workspace',
        html`<p>You answered for another workspace than ${workspace}. Choose ${workspace} on Slack’s page.</p>
          ${again} ${nothing}`,
      );
    case 'other-person':
      return bad(
        403,
        'That was another Slack account',
        html`<p>
            The link was made for another person of ${workspace} than the one who is logged in to Slack in
            this browser. Log in there as yourself first.
          </p>
          ${again} ${nothing}`,
      );
    case 'linked-elsewhere':
      return linkedElsewhere(refusal);
  }
}

function notInstalledPage({ why, retry }: NotInstalled): Page {
  return bad(
    400,
    'The app was not installed',
    html`<p>${why}</p>
      ${retryButton(retry, 'Try again') ?? html`<p>Say <code>install</code> to the bridge’s bot in Matrix: you get a new link.</p>`}`,
  );
}

function linkedElsewhere(refusal: Extract<Refusal, { readonly type: 'linked-elsewhere' }>): Page {
  return bad(
    409,
    'This Slack account is linked already',
    html`<p>In ${name(refusal.workspace)} it belongs to the Matrix account ${name(refusal.matrixUser)}.</p>
      <p>
        If that is you as well, say <code>logout</code> to ${name(refusal.bot)} from there first. If you don’t
        know that account, remove the bridge’s app from your account in Slack at once, and tell an
        administrator.
      </p>
      ${retryButton(refusal.retry, 'I did: try again') ?? askAgain} ${nothing}`,
  );
}

/** The browser sent no cookie, or not the one that the page gave it. */
export const noCookiePage: Page = bad(
  400,
  'Your browser kept no cookie',
  html`<p>
      The bridge needs one to know that it is still you. Allow cookies for this page, open the link once more
      in the same browser, and go on from there.
    </p>
    ${nothing}`,
);

export const busyPage: Page = bad(
  503,
  'Too many at once',
  html`<p>Wait a moment and load this page again.</p>
    ${nothing}`,
);

export const brokenPage: Page = bad(
  500,
  'Something went wrong',
  html`<p>It may have been a moment’s trouble: load the link again in a minute.</p>
    ${askAgain} ${nothing}`,
);

/** Each group with Slack's names for those of it that are meant. */
export function scopeList(scopes: readonly string[]): Html {
  return html`<ul>
    ${scopeGroups(scopes).map(
      (group) => html`<li><b>${group.what}</b><span>${group.scopes.join(', ')}</span></li>`,
    )}
  </ul>`;
}

/** Nothing where no time is left for it. */
export function retryButton(retry: string | undefined, label: string): Html | undefined {
  return retry === undefined
    ? undefined
    : html`<a class="button" href="${retry}" rel="noreferrer">${label}</a>`;
}

function bad(status: number, title: string, body: Html): Page {
  return { status, title, body, mood: 'bad' };
}
