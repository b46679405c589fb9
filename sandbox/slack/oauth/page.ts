import type { IncomingMessage, ServerResponse } from 'node:http';

import { readBody } from '../http/body.ts';
import type { Log } from '../log.ts';
import type { User } from '../model.ts';
import type { World } from '../world.ts';
import { allow, candidates, deny, readConsent } from './consent.ts';
import type { Consent, Refusal } from './consent.ts';
import { permission } from './permissions.ts';

/**
 * The page where a person lets an app into their workspace, or act for them. There is no signing in here: whoever looks
 * chooses who they are. The form posts the same fields as the address has, and `user` and `decision` (`allow` or `deny`).
 */
export async function serveAuthorize(
  { world, log }: { readonly world: World; readonly log: Log },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const query = new URL(request.url ?? '/', 'http://sandbox').searchParams;
  if (request.method === 'POST')
    for (const [name, value] of Object.entries((await readBody(request)).fields))
      query.set(name, String(value));
  const consent = readConsent(world, query);
  if ('error' in consent) {
    log.add('oauth', 'authorize', consent.error, {});
    sendPage(response, 400, refusalPage(consent));
    return;
  }
  const decision = request.method === 'POST' ? query.get('decision') : undefined;
  const people = candidates(world, consent);
  const user = people.find(({ id }) => id === query.get('user'));
  const isForAll = query.get('organisation') === 'all' && user !== undefined && hasOrganisation(world, user);
  if (decision === 'deny') redirect(response, deny(consent));
  else if (decision === 'allow' && user) redirect(response, allow(world, consent, user, isForAll));
  else sendPage(response, decision === undefined ? 200 : 400, consentPage(world, consent, people));
  const about = { app: consent.app.id, team: user?.teamId, user: user?.id };
  log.add('oauth', 'authorize', decision ?? 'shown', {
    ...about,
    scopes: consent.scopes,
    userScopes: consent.userScopes,
  });
}

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(302, { location, 'cache-control': 'no-store' }).end();
}

function consentPage(world: World, consent: Consent, people: readonly User[]): string {
  const { app, scopes, userScopes, redirectUri, namesRedirect, state, team } = consent;
  const fields = {
    client_id: app.clientId,
    scope: scopes.join(','),
    user_scope: userScopes.join(','),
    ...(namesRedirect && { redirect_uri: redirectUri }),
    ...(state !== undefined && { state }),
    ...(team !== undefined && { team }),
  };
  const hidden = Object.entries(fields).map(
    ([name, value]) => `<input type="hidden" name="${name}" value="${escaped(value)}">`,
  );
  const options = people.map((user) => {
    const place = world.teams.get(user.teamId)?.name ?? user.teamId;
    const name = user.displayName === '' ? user.realName : user.displayName;
    return `<option value="${user.id}">${escaped(`${name} (${place})`)}</option>`;
  });
  const name = escaped(app.name);
  return page(
    `${name} asks for access`,
    `<h1><b>${name}</b> asks for access to Slack</h1>
<p>In the workspace of the person whom you choose below, the app would be allowed to:</p>
${scopeList('As itself', scopes)}
${scopeList('As you', userScopes)}
<form method="post" action="/oauth/v2/authorize">
${hidden.join('\n')}
<label for="user">You are</label>
<select id="user" name="user">${options.join('')}</select>
${organisationChoice(world, consent, people)}
<p class="buttons"><button name="decision" value="deny">Cancel</button>
<button class="allow" name="decision" value="allow">Allow</button></p>
</form>
<p class="hint">Afterwards the browser goes to ${escaped(new URL(redirectUri).origin)}.</p>`,
  );
}

function hasOrganisation(world: World, { teamId }: User): boolean {
  return world.teams.get(teamId)?.organisation !== undefined;
}

/** An app can be installed for all workspaces of an organisation at once. */
function organisationChoice(world: World, { scopes }: Consent, people: readonly User[]): string {
  if (scopes.length === 0 || !people.some((user) => hasOrganisation(world, user))) return '';
  return '<label><input type="checkbox" name="organisation" value="all"> For the whole organisation</label>';
}

function scopeList(title: string, scopes: readonly string[]): string {
  if (scopes.length === 0) return '';
  const items = scopes.map(
    (scope) => `<li>${escaped(permission(scope))} <code>${escaped(scope)}</code></li>`,
  );
  return `<h2>${title}</h2>\n<ul>${items.join('')}</ul>`;
}

function refusalPage({ error, line }: Refusal): string {
  return page(
    'Something went wrong',
    `<h1>Something went wrong when authorising this app</h1><p>${escaped(line)}</p><p class="hint">Error code: <code>${error}</code></p>`,
  );
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Slack sandbox</title><link rel="icon" href="data:,"><link rel="stylesheet" href="/oauth.css"></head>
<body><main>
${body}
<p class="hint">An emulator for development. Not Slack.</p>
</main></body></html>
`;
}

function sendPage(response: ServerResponse, status: number, html: string): void {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'content-length': Buffer.byteLength(html),
    'cache-control': 'no-store',
  });
  response.end(html);
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
}
