import type { PortalId } from '../ids.ts';
import type { AuditLog } from '../portal/ports.ts';

/** What was written down. Portals that are no more are named by their number only. */
export interface AuditEntry {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly actor: string;
  readonly action: string;
  readonly portal?: PortalId;
  readonly details: Readonly<Record<string, unknown>>;
}

/** All that is given has to fit. An actor fits by their name, or by the id of their account in Slack. */
export interface AuditFilter {
  readonly portal?: PortalId;
  readonly actor?: string;
  readonly action?: string;
}

export interface AuditDesk extends AuditLog {
  /** The newest first. `page` counts from 1. */
  page(
    filter: AuditFilter,
    page: number,
    size: number,
  ): Promise<{ readonly entries: readonly AuditEntry[]; readonly total: number }>;
}
