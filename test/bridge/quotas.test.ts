import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLimits } from '../../src/bridge/quotas.ts';
import { fileLimits } from '../../src/bridge/settings.ts';
import type { Config } from '../../src/config.ts';
import { CannotBridge } from '../../src/errors.ts';
import { portalId } from '../../src/ids.ts';
import type { CarriedFile } from '../../src/portal/media-ports.ts';

const MB = 1_000_000;
const limits = { largest: 100 * MB, personPerDay: 200 * MB, portalPerDay: 500 * MB };

function fileOf(megabytes?: number): CarriedFile {
  const size = megabytes === undefined ? {} : { size: megabytes * MB };
  return {
    key: 'media:1:file:F1',
    portal: portalId(1),
    source: 'F1',
    kind: 'file',
    direction: 'to_matrix',
    sender: 'U1',
    ...size,
  };
}

/** What people read, or that it may go. */
async function told(
  megabytes: number | undefined,
  used: { readonly portal: number; readonly sender: number },
  changes: Partial<typeof limits> = {},
  ofRoom = 0,
): Promise<string> {
  const asked: string[] = [];
  const store = {
    used: async () => ({ portal: used.portal * MB, sender: used.sender * MB }),
    freeAt: async (_key: string, scope: string, bytes: number) => {
      asked.push(`${scope} ${bytes / MB}`);
      return Date.UTC(2030, 0, 2, 3, 4, 5);
    },
  };
  try {
    await createLimits(store, { ...limits, ...changes }, () => ofRoom * MB)(fileOf(megabytes));
    return 'goes';
  } catch (error) {
    if (!(error instanceof CannotBridge)) throw error;
    return [error.reason, error.message, ...asked].join(' | ');
  }
}

const none = { portal: 0, sender: 0 };

test('a file up to each limit goes', async () => {
  assert.equal(await told(100, { portal: 400, sender: 100 }), 'goes');
  assert.equal(await told(undefined, { portal: 500, sender: 200 }), 'goes');
});

test('a file that is too large names the limit', async () => {
  assert.equal(await told(101, none), 'file-too-large | too large for this bridge: at most 100 MB');
});

test('a room’s own limit counts where it is less than the bridge’s', async () => {
  assert.equal(await told(20, none, {}, 20), 'goes');
  assert.equal(await told(21, none, {}, 20), 'file-too-large | too large for this room: at most 20 MB');
  assert.equal(await told(101, none, {}, 200), 'file-too-large | too large for this bridge: at most 100 MB');
});

test('over a person’s or a room’s share of a day, the limit and when there is room again are named', async () => {
  assert.equal(
    await told(50, { portal: 160, sender: 160 }),
    'file-quota | more than one person may send in 24 hours (200 MB); there is room for it from 2030-01-02 03:05 UTC on | sender 10',
  );
  assert.equal(
    await told(50, { portal: 470, sender: 0 }),
    'file-quota | more than this room and its channel may send each other in 24 hours (500 MB); there is room for it from 2030-01-02 03:05 UTC on | portal 20',
  );
});

test('what never fits has no time', async () => {
  assert.equal(
    await told(90, none, { personPerDay: 80 * MB }),
    'file-quota | more than one person may send in 24 hours (80 MB)',
  );
});

test('without limits nobody is asked how much there was', async () => {
  const unlimited = createLimits(
    { used: () => assert.fail(), freeAt: () => assert.fail() },
    { largest: Infinity, personPerDay: Infinity, portalPerDay: Infinity },
    () => 0,
  );
  await unlimited(fileOf(1e9));
});

test('limits stand in the configuration in megabytes; 0 is none', () => {
  const files = { largest_mb: 0, person_mb_per_day: 0.5, portal_mb_per_day: 2 };
  assert.deepEqual(fileLimits({ files } as Config), {
    largest: Infinity,
    personPerDay: 500_000,
    portalPerDay: 2_000_000,
  });
});
