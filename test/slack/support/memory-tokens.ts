import type { SlackUserId, TeamId } from '../../../src/ids.ts';
import type { StoredToken, PuppetTokens } from '../../../src/slack/ports.ts';

/** The tokens of linked people, in memory, by their Slack id. */
export class MemoryTokens implements PuppetTokens {
  readonly tokens = new Map<SlackUserId, StoredToken>();
  readonly troubles = new Map<SlackUserId, string>();
  readonly lacking: { readonly user: SlackUserId; readonly scope: string; readonly words: string }[] = [];
  private readonly listeners: ((team: TeamId, user: SlackUserId) => void)[] = [];
  private lock: Promise<unknown> = Promise.resolve();

  tokenOf: PuppetTokens['tokenOf'] = async (_team, user) => this.tokens.get(user);
  renew: PuppetTokens['renew'] = (_team, user, next) => {
    const work = this.lock.then(async () => {
      const stored = this.tokens.get(user);
      const token = stored && (await next(stored));
      if (token) this.tokens.set(user, token);
      return token ?? stored;
    });
    this.lock = work.catch(() => undefined);
    return work;
  };
  setTrouble: PuppetTokens['setTrouble'] = async (team, user, why) => {
    if (why === undefined) this.troubles.delete(user);
    else if (this.tokens.has(user)) this.troubles.set(user, why);
    this.change(team, user);
  };
  setLacking: PuppetTokens['setLacking'] = async (_team, user, scope, words) => {
    if (this.lacking.some((each) => each.user === user && each.scope === scope)) return false;
    this.lacking.push({ user, scope, words });
    return true;
  };
  whenChanged: PuppetTokens['whenChanged'] = (listener) => void this.listeners.push(listener);

  /** Somebody logged in, or did so again. */
  put(team: TeamId, user: SlackUserId, token: StoredToken): void {
    this.tokens.set(user, token);
    this.change(team, user);
  }

  private change(team: TeamId, user: SlackUserId): void {
    for (const listener of this.listeners) listener(team, user);
  }
}
