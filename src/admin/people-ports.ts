import type { MatrixUserId, SlackUserId, TeamId } from '../ids.ts';
import type { Puppet } from '../portal/ports.ts';

/** Somebody's own accounts in Slack, for the commands. */
export interface PeopleDesk {
  /** Why nobody can link an account there, for people; absent: they can. */
  obstacle(team: TeamId): string | undefined;
  /** The address of a page on which this person links an account; good for ten minutes, for them alone. */
  link(user: MatrixUserId, team: TeamId): Promise<string>;
  /** The same for somebody in Slack, who links an account in Matrix. */
  linkFromSlack(user: SlackUserId, team: TeamId): Promise<string>;
  /** With those that can't be used now. */
  accounts(user: MatrixUserId): readonly Puppet[];
  /** Of everybody. */
  all(): readonly Puppet[];
  /** What Slack was asked for, and this person didn't give. */
  lacks(puppet: Puppet): readonly string[];
  /** Whether the bridge may act as this Matrix user at all. */
  canDouble(user: MatrixUserId): boolean;
  /** Whether what they write in Slack appears under their own Matrix account. */
  setDouble(puppet: Puppet, isOn: boolean): Promise<void>;
  /** Whether a word looks like a code that somebody got on a page. */
  isCode(word: string): boolean;
  /** Whose account a code is about. It belongs to whoever shows it first; undefined for others, and for no code of ours. */
  claim(code: string, user: MatrixUserId): Promise<ClaimedCode | undefined>;
  /** Links the account that a code is about. May be repeated. */
  redeem(code: string, user: MatrixUserId): Promise<Redeemed>;
  /** The code is good for nothing any more. */
  void(code: string, user: MatrixUserId): Promise<void>;
  /** Undefined: there was none. `revoked`: Slack ended what the bridge was allowed. */
  logout(user: MatrixUserId, team: TeamId): Promise<{ readonly revoked: boolean } | undefined>;
}

export interface ClaimedCode {
  readonly team: TeamId;
  readonly slackUser: SlackUserId;
  /** What Slack calls them. */
  readonly name: string;
}

export type Redeemed =
  | { readonly type: 'linked'; readonly team: TeamId; readonly name: string }
  | { readonly type: 'linked-elsewhere'; readonly matrixUser: MatrixUserId }
  | { readonly type: 'unknown' };
