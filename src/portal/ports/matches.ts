/** People of both sides with the same verified address. */
import type { MatrixUserId, SlackUserId, TeamId } from '../../ids.ts';

export interface Match {
  readonly team: TeamId;
  readonly slackUser: SlackUserId;
  readonly matrixUser: MatrixUserId;
}

/** Who is mentioned as whose other account. In memory; knows nobody where the administrator doesn't want that. */
export interface MatchDirectory {
  ofSlackUser(team: TeamId, user: SlackUserId): MatrixUserId | undefined;
  ofMatrixUser(user: MatrixUserId, team: TeamId): SlackUserId | undefined;
}
