import type { MatrixUserId } from '../ids.ts';
import { serverOf } from '../ids.ts';

/** How far a Matrix user may go; each includes those before it. */
export type Permission = 'none' | 'relay' | 'user' | 'admin';

/**
 * Who may do what. The closest entry counts: the user's own id, then their server, then `*`; without any, `none`.
 */
export function permissionOf(config: {
  readonly permissions: Readonly<Record<string, Permission>>;
}): (user: MatrixUserId) => Permission {
  const entries = new Map(Object.entries(config.permissions));
  return (user) => entries.get(user) ?? entries.get(serverOf(user)) ?? entries.get('*') ?? 'none';
}
