import type { MatrixUserId, MxcUri, PortalId } from '../ids.ts';

/**
 * What the portals ask of the rest of the bridge. Adapters implement these; types only.
 *
 * Every method that writes may throw `TryLater` (not done, may be done later), `CannotBridge` (never, and why) or, for
 * posts to Slack, `Uncertain` (sent, answer unknown).
 */
export type * from './ports/chats.ts';
export type * from './ports/files.ts';
export type * from './ports/links.ts';
export type * from './ports/matches.ts';
export type * from './ports/matrix.ts';
export type * from './ports/portals.ts';
export type * from './ports/puppets.ts';
export type * from './ports/shown.ts';
export type * from './ports/slack.ts';

/** An address of our own web server that shows a Matrix picture to Slack, signed; absent when no public URL is set. */
export type PictureLink = (picture: MxcUri) => string | undefined;

export interface AuditLog {
  record(entry: {
    readonly actor: string;
    readonly action: string;
    readonly portal?: PortalId;
    readonly details: Readonly<Record<string, unknown>>;
  }): Promise<void>;
}

/** How far a Matrix user may go. */
export type Permission = 'none' | 'relay' | 'user' | 'admin';
export type PermissionOf = (user: MatrixUserId) => Permission;
