import { CannotBridge, TryLater } from '../errors.ts';
import type { MatrixUserId } from '../ids.ts';
import type { Login } from '../store/logins.ts';
import type { LoginDesk, Outcome, Question, Refusal } from '../web/login/ports.ts';
import { newState, redirectUri } from './login-parts.ts';
import type { LoginParts } from './login-parts.ts';

/** Why the app can't be installed by a link, and what an administrator has to do; absent: it can. */
export function installObstacle({ slack, publicUrl }: Pick<LoginParts, 'slack' | 'publicUrl'>) {
  if (publicUrl === undefined)
    return 'Installing the app isn’t set up: set web.public_url, so that browsers reach the bridge (docs/slack-app.md).';
  if (!slack.installing.configured())
    return 'Installing the app isn’t set up: set slack.client_id and slack.client_secret, and slack.app_token or slack.signing_secret, of the app (docs/slack-app.md).';
  return undefined;
}

/** What the pages of an installation ask of the bridge; `login` is the link that they are about. */
export function createInstallDesk(parts: LoginParts) {
  const { slack, publicUrl = '' } = parts;
  const slacksQuestion = (state: string) => slack.installing.authorizeUrl(state, redirectUri(publicUrl));

  /** Slack's question once more, if there is time left. */
  async function again(login: Login): Promise<{ readonly retry?: string }> {
    const state = newState();
    return (await parts.store.logins.again(login, state)) ? { retry: slacksQuestion(state) } : {};
  }

  async function failed(login: Login, why: string): Promise<Outcome> {
    return { type: 'not-installed', why, ...(await again(login)) };
  }

  return {
    look: (login: Login): Question | Refusal => {
      const asked = readable(parts, login);
      if ('type' in asked) return asked;
      return { kind: 'install', matrixUser: asked.user, scopes: slack.installing.scopes, bot: parts.bot };
    },
    begin: async (login: Login, secret: string, browser: string): ReturnType<LoginDesk['begin']> => {
      const asked = readable(parts, login);
      if ('type' in asked) return asked;
      const state = newState();
      if (await parts.store.logins.bind(secret, browser, state)) return { slack: slacksQuestion(state) };
      return { type: 'other-browser' };
    },
    answer: async (
      login: Login,
      result: { readonly code: string } | { readonly error: string },
    ): Promise<Outcome> => {
      const asked = readable(parts, { ...login, state: 'open' });
      if ('type' in asked) return asked;
      if ('error' in result) return failed(login, refusalWords(parts, result.error));
      try {
        const { id, name, teams } = await slack.installing.finish(result.code, redirectUri(publicUrl));
        const about = { team: id, name, ...(id.startsWith('E') && { workspaces: teams.length }) };
        await parts.store.audit.record({ actor: asked.user, action: 'install', details: about });
        parts.log.info('the app was installed in Slack', about);
        const workspaces = id.startsWith('E') ? teams.map((team) => team.name) : undefined;
        return { type: 'installed', workspace: name, ...(workspaces && { workspaces }), bot: parts.bot };
      } catch (error) {
        if (!(error instanceof TryLater || error instanceof CannotBridge)) throw error;
        parts.log.warn('the app could not be installed in a Slack workspace', { error });
        return failed(login, error instanceof TryLater ? away : failureWords(error));
      }
    },
  };
}

function readable(parts: LoginParts, login: Login): { readonly user: MatrixUserId } | Refusal {
  const { matrixUser: user, state } = login;
  if (user === undefined) return { type: 'unknown' };
  if (state !== 'open') return { type: state };
  if (installObstacle(parts) !== undefined) return { type: 'misconfigured' };
  return parts.permissionOf(user) === 'admin' ? { user } : { type: 'not-permitted' };
}

const away = 'Slack can’t be reached at this moment, or it has too much to do. Wait a little.';

function refusalWords({ log }: LoginParts, error: string): string {
  if (error === 'access_denied')
    return 'You didn’t allow it in Slack, or Slack doesn’t let you install apps.';
  const reason = /^[a-z_]{1,80}$/.test(error) ? error : 'unreadable';
  log.error('Slack could not ask whether the app may be installed', { reason });
  return `Slack could not ask you (${reason}). Check the app’s redirect URLs and permissions in Slack.`;
}

/** Words of the bridge's own, and of Slack's codes those that can come here. */
function failureWords({ reason, message }: CannotBridge): string {
  if (reason === 'lacking') return message;
  if (['invalid_code', 'code_already_used', 'code_expired'].includes(reason))
    return 'Slack’s answer was too old, or used before.';
  return `Slack refuses it (${reason}). Check slack.client_id and slack.client_secret, and the app’s redirect URLs in Slack.`;
}
