import { CannotBridge, TryLater } from '../errors.ts';
import type { MatrixUserId, SlackUserId, TeamId } from '../ids.ts';
import type { Grant } from '../slack/oauth.ts';
import { userScopes } from '../slack/scopes.ts';
import type { Login } from '../store/logins.ts';
import type { LoginDesk, Outcome, Question, Refusal } from '../web/login/ports.ts';
import { giveBack, holdGrant } from './held-grants.ts';
import { createInstallDesk } from './install-desk.ts';
import {
  lacking,
  neededScopes,
  newState,
  obstacle,
  questionUrl,
  redirectUri,
  slackName,
  workspaceName,
} from './login-parts.ts';
import type { LoginParts } from './login-parts.ts';
import { savePuppet } from './save-puppet.ts';

/** What the login pages ask of the bridge. */
export function createLoginDesk(parts: LoginParts): LoginDesk {
  const { logins } = parts.store;
  const installs = createInstallDesk(parts);
  return {
    look: async (secret) => {
      const found = await logins.find(secret);
      if (found?.kind === 'install') return installs.look(found);
      const asked = readable(parts, found);
      return 'type' in asked ? asked : questionOf(parts, asked);
    },
    begin: async (secret, browser) => {
      const found = await logins.find(secret);
      if (found?.kind === 'install') return installs.begin(found, secret, browser);
      const asked = readable(parts, found);
      if ('type' in asked) return asked;
      const state = newState();
      if (await logins.bind(secret, browser, state)) return { slack: questionUrl(parts, asked.team, state) };
      const now = await logins.find(secret);
      return { type: now?.state === 'open' ? 'other-browser' : (now?.state ?? 'unknown') };
    },
    answer: async (state, browser, result) => {
      const taken = await logins.take(state, browser);
      if (!taken) return notTaken(await logins.ofState(state));
      if (taken.kind === 'install') return installs.answer(taken, result);
      const asked = readable(parts, { ...taken, state: 'open' });
      if ('type' in asked) return asked;
      return 'code' in result
        ? exchanged(parts, asked, result.code)
        : refusedBySlack(parts, asked, result.error);
    },
  };
}

/** A login that a page can be about. */
interface Asked extends Login {
  readonly team: TeamId;
  readonly who:
    | { readonly kind: 'person'; readonly user: MatrixUserId }
    | { readonly kind: 'slack'; readonly user: SlackUserId };
}

function readable(parts: LoginParts, login: Login | undefined): Asked | Refusal {
  if (login?.team === undefined) return { type: 'unknown' };
  const who = whoAsks(login);
  if (who === undefined) return { type: 'unknown' };
  if (login.state !== 'open') return { type: login.state };
  if (obstacle(parts, login.team) !== undefined) return { type: 'misconfigured' };
  if (who.kind === 'person' && !mayLink(parts, who.user)) return { type: 'not-permitted' };
  return { ...login, team: login.team, who };
}

function whoAsks({ kind, matrixUser, slackUser }: Login): Asked['who'] | undefined {
  if (kind === 'person' && matrixUser !== undefined) return { kind, user: matrixUser };
  if (kind === 'slack' && slackUser !== undefined) return { kind, user: slackUser };
  return undefined;
}

function mayLink({ permissionOf }: LoginParts, user: MatrixUserId): boolean {
  const permission = permissionOf(user);
  return permission === 'user' || permission === 'admin';
}

function notTaken(login: Login | undefined): Refusal {
  if (!login) return { type: 'stale' };
  return { type: login.state === 'open' ? 'other-browser' : login.state };
}

async function questionOf(parts: LoginParts, { team, who }: Asked): Promise<Question> {
  const common = { workspace: workspaceName(parts.slack, team), scopes: userScopes, bot: parts.bot };
  return who.kind === 'person'
    ? { ...common, kind: 'person', matrixUser: who.user, double: parts.canDouble(who.user) }
    : { ...common, kind: 'slack', slackName: await slackName(parts, team, who.user) };
}

/** What a retry needs: the workspace's name, and Slack's question once more if there is time left. */
async function again(parts: LoginParts, asked: Asked) {
  const state = newState();
  const isOpen = await parts.store.logins.again(asked, state);
  return {
    workspace: workspaceName(parts.slack, asked.team),
    ...(isOpen && { retry: questionUrl(parts, asked.team, state) }),
  };
}

async function refusedBySlack(parts: LoginParts, asked: Asked, error: string): Promise<Outcome> {
  if (error === 'access_denied') return { type: 'denied', ...(await again(parts, asked)) };
  const reason = /^[a-z_]{1,80}$/.test(error) ? error : 'unreadable';
  parts.log.error(`Slack could not ask a person to link their account: ${advice}`, {
    team: asked.team,
    reason,
  });
  return { type: 'misconfigured' };
}

const advice =
  'check slack.client_id, slack.client_secret, and in the app’s settings the redirect URL and the user token scopes';

/** Slack knows its own code no more, or never did. */
const codeErrors: ReadonlySet<string> = new Set(['invalid_code', 'code_already_used', 'code_expired']);

async function exchanged(parts: LoginParts, asked: Asked, code: string): Promise<Outcome> {
  const { slack, publicUrl = '', log } = parts;
  try {
    const grant = await slack.oauth.exchange(asked.team, code, redirectUri(publicUrl));
    for (const secret of [grant.token.access, grant.token.refresh])
      if (secret !== undefined) parts.hide(secret);
    return await granted(parts, asked, grant);
  } catch (error) {
    if (error instanceof TryLater) {
      log.warn('a person’s account could not be linked now', { team: asked.team, error });
      return { type: 'away', ...(await again(parts, asked)) };
    }
    if (!(error instanceof CannotBridge)) throw error;
    if (error.reason === 'invalid_team_for_non_distributed_app')
      return { type: 'other-workspace', ...(await again(parts, asked)) };
    if (codeErrors.has(error.reason)) return { type: 'code-refused', ...(await again(parts, asked)) };
    log.error(`Slack does not let the bridge link accounts: ${advice}`, {
      team: asked.team,
      reason: error.reason,
    });
    return { type: 'misconfigured' };
  }
}

async function granted(parts: LoginParts, asked: Asked, grant: Grant): Promise<Outcome> {
  const refuse = async (type: 'other-workspace' | 'other-person'): Promise<Outcome> => {
    await giveBack(parts, grant);
    return { type, ...(await again(parts, asked)) };
  };
  if (grant.team !== asked.team) return refuse('other-workspace');
  if (asked.who.kind === 'slack' && grant.slackUser !== asked.who.user) return refuse('other-person');
  if (lacking(grant.scopes, neededScopes).length > 0) {
    await giveBack(parts, grant);
    const scopes = lacking(grant.scopes);
    return { type: 'missing-scopes', scopes, ...(await again(parts, asked)) };
  }
  return asked.who.kind === 'slack' ? codeFor(parts, grant) : link(parts, asked, asked.who.user, grant);
}

async function codeFor(parts: LoginParts, { team, slackUser, scopes, token }: Grant): Promise<Outcome> {
  const code = await holdGrant(parts.store, { team, slackUser }, { scopes, token });
  return {
    type: 'code',
    code,
    slackName: await slackName(parts, team, slackUser),
    workspace: workspaceName(parts.slack, team),
    bot: parts.bot,
  };
}

async function link(parts: LoginParts, asked: Asked, user: MatrixUserId, grant: Grant): Promise<Outcome> {
  const { bot, canDouble } = parts;
  const saved = await savePuppet(parts, user, grant);
  if ('linkedTo' in saved)
    return { type: 'linked-elsewhere', matrixUser: saved.linkedTo, bot, ...(await again(parts, asked)) };
  const lacks = lacking(grant.scopes);
  const workspace = workspaceName(parts.slack, asked.team);
  const words = `Your Slack account ${saved.name} in ${workspace} is linked: what you write in linked rooms appears there as yours. “whoami” shows it, “logout” ends it.`;
  void parts.tell(user, words, `login:${asked.hash}`); // the page says so, too: nobody waits for it
  return {
    type: 'linked',
    matrixUser: user,
    slackName: saved.name,
    double: canDouble(user),
    lacks,
    bot,
    ...(lacks.length > 0 ? await again(parts, asked) : { workspace }),
  };
}
