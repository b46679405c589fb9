import { newSecret } from '../ids.ts';
import type { App, User } from '../model.ts';
import { isGuest } from '../roles.ts';
import type { World } from '../world.ts';
import { impossible } from './permissions.ts';

/** Ten minutes. */
const CODE_LIFE_MS = 600_000;

/** What an app asks for on the authorize page. */
export interface Consent {
  readonly app: App;
  readonly scopes: readonly string[];
  readonly userScopes: readonly string[];
  readonly redirectUri: string;
  /** Whether the address was asked for, or is the app's first. */
  readonly namesRedirect: boolean;
  readonly state: string | undefined;
  /** The workspace that the app has in mind; the person may be in another. */
  readonly team: string | undefined;
}

/** Slack's name for what is wrong with the question, and a line about it. */
export interface Refusal {
  readonly error: string;
  readonly line: string;
}

/** @see https://docs.slack.dev/authentication/installing-with-oauth */
export function readConsent(world: World, query: URLSearchParams): Consent | Refusal {
  const list = (name: string): readonly string[] => (query.get(name) ?? '').split(/[\s,]+/).filter(Boolean);
  const app = appOf(world, query.get('client_id'));
  if (!app) return { error: 'invalid_client_id', line: 'There is no app with this client_id.' };
  const [scopes, userScopes] = [list('scope'), list('user_scope')];
  const wrong = [...impossible(scopes, 'bot'), ...impossible(userScopes, 'user')];
  if (wrong.length > 0) return { error: 'invalid_scope', line: `Invalid permissions: ${wrong.join(', ')}.` };
  if (scopes.length + userScopes.length === 0)
    return { error: 'missing_scope', line: 'The app asks for no permission at all.' };
  const named = query.get('redirect_uri') ?? '';
  const redirectUri = named === '' ? app.redirectUrls[0] : named;
  if (redirectUri === undefined || !isBelow(redirectUri, app.redirectUrls))
    return {
      error: 'bad_redirect_uri',
      line: `redirect_uri did not match any configured URIs. Passed URI: ${named}`,
    };
  return {
    app,
    scopes,
    userScopes,
    redirectUri,
    namesRedirect: named !== '',
    state: query.get('state') ?? undefined,
    team: query.get('team') ?? undefined,
  };
}

export function appOf(world: World, clientId: string | null | undefined): App | undefined {
  for (const app of world.apps.values()) if (app.clientId === clientId) return app;
  return undefined;
}

/** Who could be sitting before the page: people of the app's workspace, or of all where the app is distributed. */
export function candidates(world: World, { app, scopes, team }: Consent): readonly User[] {
  const teams = app.distributed ? [...world.teams.keys()] : [app.teamId];
  const sorted = teams.toSorted((one, other) => Number(other === team) - Number(one === team));
  return sorted.flatMap((id) =>
    [...(world.usersByTeam.get(id)?.values() ?? [])].filter(
      // Guests don't install apps.
      (user) => !user.deleted && !user.bot && !user.isStranger && !(isGuest(user) && scopes.length > 0),
    ),
  );
}

/** The person allows it: the address that the browser goes to, with a code. */
export function allow(world: World, consent: Consent, user: User, organisation = false): string {
  const { app, scopes, userScopes, redirectUri, namesRedirect } = consent;
  const value = `${app.id.toLowerCase()}.${newSecret(8)}.${newSecret(32)}`;
  world.codes.set(value, {
    value,
    appId: app.id,
    teamId: user.teamId,
    userId: user.id,
    scopes: [...scopes],
    userScopes: [...userScopes],
    ...(organisation && { organisation }),
    redirectUri: namesRedirect ? redirectUri : undefined,
    expiresAt: world.clock.now() + CODE_LIFE_MS,
    used: false,
  });
  world.changed({ what: 'team', teamId: user.teamId, id: app.id });
  return addressWith(consent, { code: value });
}

export function deny(consent: Consent): string {
  return addressWith(consent, { error: 'access_denied' });
}

function addressWith({ redirectUri, state }: Consent, answer: Readonly<Record<string, string>>): string {
  const url = new URL(redirectUri);
  for (const [name, value] of Object.entries(answer)) url.searchParams.set(name, value);
  url.searchParams.set('state', state ?? '');
  return url.href;
}

/** The same place as one of the configured addresses, or below it. */
function isBelow(address: string, configured: readonly string[]): boolean {
  const wanted = URL.parse(address);
  if (!wanted) return false;
  return configured.some((each) => {
    const known = URL.parse(each);
    if (known?.origin !== wanted.origin) return false;
    const folder = known.pathname.replace(/\/$/, '');
    return wanted.pathname === known.pathname || wanted.pathname.startsWith(`${folder}/`);
  });
}
