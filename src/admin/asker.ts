import { CannotBridge } from '../errors.ts';
import type { SlackPlace } from '../events.ts';
import type { MatrixUserId, RoomId, SlackUserId, TeamId } from '../ids.ts';
import type { Permission, SlackRole } from '../portal/ports.ts';

/** Where commands come from: a room, Slack’s `/matrix …`, the HTTP API. */
export type Side = 'matrix' | 'slack' | 'api';

/**
 * Who gives a command: a person of Matrix, a person of Slack who may be linked with one of Matrix (then the permission is
 * the higher of the two), or a key of the HTTP API.
 */
export interface Asker {
  /** As the audit log names them: `@ann:example.org`, `slack:T1/U1`, or what the API calls its key. */
  readonly name: string;
  readonly matrixUser?: MatrixUserId;
  readonly slack?: SlackAsker;
  readonly permission: Permission;
}

/** Somebody in Slack. */
export interface SlackAsker {
  readonly team: TeamId;
  readonly user: SlackUserId;
  readonly role: SlackRole;
  /** Whether they may change what any channel of their workspace is joined to that they can see. */
  readonly manages: boolean;
  /** What Slack calls them. */
  readonly shown: string;
}

/** Where a command was given. */
export interface Place {
  readonly side: Side;
  /** In Matrix. */
  readonly room?: RoomId;
  /** In Slack; `name` where Slack says it. */
  readonly channel?: SlackPlace & { readonly name?: string };
  /** In Matrix a chat of the asker and the bot alone. */
  readonly direct: boolean;
}

/** Who asks in Matrix, or is linked there. Throws `CannotBridge` that says how to become so. */
export function matrixUserOf({ matrixUser, slack }: Asker): MatrixUserId {
  if (matrixUser !== undefined) return matrixUser;
  throw new CannotBridge(
    'no-matrix-user',
    slack === undefined
      ? 'This is for people with a Matrix account only.'
      : 'For this I need to know your Matrix account: link it with “/matrix login” first.',
  );
}

/** How a command is written where it was asked: `!slack list`, `list`, `/matrix list`. */
export function say({ side, direct }: Place, words: string): string {
  if (side === 'slack') return `/matrix ${words}`;
  return side === 'matrix' && !direct ? `!slack ${words}` : words;
}

/** Nobody but the asker reads the answer. */
export function isPrivate({ side, direct }: Place): boolean {
  return side !== 'matrix' || direct;
}
