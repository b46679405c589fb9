import type { PortalId } from '../ids.ts';

/** Something that was given up, as people may see it: never what it says. */
export interface LetterView {
  /** By which people name it. */
  readonly number: number;
  /** When it came, milliseconds since 1970. */
  readonly at: number;
  readonly from: 'slack' | 'matrix';
  /** Absent for what belongs to no link. */
  readonly portal?: PortalId;
  /** `message`, `edit`, …; absent where it can't be read. */
  readonly kind?: string;
  /** Who wrote it: a name in Slack, a user id in Matrix. */
  readonly writer?: string;
  /** In words. */
  readonly why: string;
}

/** What became of one that was tried again. */
export type Outcome =
  | { readonly number: number; readonly result: 'arrived' | 'waiting' | 'unreadable' }
  | { readonly number: number; readonly result: 'failed'; readonly why: string };

/** What was given up, for those who look after it. With a portal: only what is that portal's. */
export interface DeadLetterDesk {
  /** The newest first. `page` counts from 1. */
  page(
    page: number,
    size: number,
    portal?: PortalId,
  ): Promise<{ readonly letters: readonly LetterView[]; readonly total: number }>;
  /** Tries again, waits a few seconds and says what came of each. Numbers that are none are left out. */
  retry(numbers: readonly number[] | 'all', actor: string, portal?: PortalId): Promise<readonly Outcome[]>;
  /** For good. The answer names those that were there. */
  skip(numbers: readonly number[] | 'all', actor: string, portal?: PortalId): Promise<readonly number[]>;
}
