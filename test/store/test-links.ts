import assert from 'node:assert/strict';
import { portalId } from '../../src/ids.ts';
import type { Change, MessageLink } from '../../src/portal/ports.ts';
import type { Attempt, Verdict } from '../../src/queue/ports.ts';
import type { Store } from '../../src/store/open-store.ts';
import { linkOf, matrixMessage, storeBed } from './test-store.ts';

export const portal = portalId(1);

/** Changes of the message `n` of `portal`. */
export function link(n: number, change: Partial<MessageLink> = {}): Change {
  return { type: 'link', link: linkOf(portal, n, change) };
}

/** A store with a leased lane, to try what is remembered and committed there. */
export interface LinkBed {
  readonly writer: Store;
  remember(...changes: readonly Change[]): void;
  commit(...changes: readonly Change[]): Promise<Verdict>;
  begin(attempt: Attempt, ...changes: readonly Change[]): Promise<Verdict>;
  /** A process that knows nothing but what is committed. */
  stranger(): Promise<Store>;
  /** Asked before and after the commit, and by another process, the answer is the same. */
  everywhere<T>(changes: readonly Change[], ask: (store: Store) => Promise<T>, expected: T): Promise<void>;
  close(): Promise<void>;
}

export async function linkBed(): Promise<LinkBed> {
  const bed = await storeBed();
  const writer = await bed.open();
  await writer.inbox.renew();
  await writer.intake.store([matrixMessage(1, 1)]);
  const [lease] = await writer.inbox.claim(10);
  assert.ok(lease);
  let reader: Store | undefined;

  const remember: LinkBed['remember'] = (...changes) =>
    changes.forEach((change) => writer.inbox.remember(change));
  const commit: LinkBed['commit'] = (...changes) => writer.inbox.commit({ lease, seq: 1, changes }, true);
  async function stranger(): Promise<Store> {
    await reader?.close();
    reader = await bed.open();
    return reader;
  }
  return {
    writer,
    remember,
    commit,
    begin: (attempt, ...changes) => writer.inbox.commit({ lease, seq: 1, changes, attempt }, true),
    stranger,
    async everywhere(changes, ask, expected) {
      remember(...changes);
      assert.deepEqual(await ask(writer), expected, 'remembered');
      assert.equal(await commit(...changes), 'committed');
      assert.deepEqual(await ask(writer), expected, 'committed');
      assert.deepEqual(await ask(await stranger()), expected, 'by another process');
    },
    close: () => bed.close(),
  };
}
