/** Matrix users' own Slack accounts. */
import type { AuthorId, MatrixUserId, SlackUserId, TeamId } from '../../ids.ts';

/** A Matrix user's login to Slack: by it the bridge acts there as themselves. */
export interface Puppet {
  readonly matrixUser: MatrixUserId;
  readonly team: TeamId;
  readonly slackUser: SlackUserId;
  /** What Slack calls them. */
  readonly name: string;
  /** What Slack lets the bridge do as them. */
  readonly scopes: readonly string[];
  /** Why it can't be used now, for the person; absent: it can. */
  readonly trouble?: string;
  /** Whether what they write in Slack shall appear under their Matrix account. */
  readonly double: boolean;
  /** Since when that is so, in milliseconds since 1970; absent: always. */
  readonly since?: number;
}

/** Look-ups in memory, of the logins that any process knows of. */
export interface PuppetDirectory {
  /** The person's own account in a workspace, if it can be used now. */
  ofMatrixUser(user: MatrixUserId, team: TeamId): Puppet | undefined;
  ofSlackUser(team: TeamId, user: SlackUserId): Puppet | undefined;
  /** Whose account it is, in trouble or not: who they are in Matrix doesn't depend on their token. */
  ownerOf(team: TeamId, author: AuthorId): Puppet | undefined;
  /** With those in trouble. */
  all(): readonly Puppet[];
}
