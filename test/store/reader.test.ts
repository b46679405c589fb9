import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, it } from 'node:test';
import { TryLater } from '../../src/errors.ts';
import { isConnectionError } from '../../src/store/db.ts';
import { createReader } from '../../src/store/reader.ts';
import type { Reader } from '../../src/store/reader.ts';
import { log, storeBed } from './test-store.ts';
import type { StoreBed } from './test-store.ts';
import { query } from './query.ts';

describe('a transaction of the reader', () => {
  let bed: StoreBed;
  let reader: Reader;
  before(async () => {
    bed = await storeBed();
    reader = createReader({ url: bed.url }, log, { statements: 0 });
  });
  after(async () => {
    await reader.close();
    await bed.close();
  });

  it('whose connection is lost between two statements is to be tried later, and nothing else ends', async () => {
    const lost = reader.transaction(async (client) => {
      const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
      await query(bed.url, 'select pg_terminate_backend($1)', [rows[0]?.pid]);
      await sleep(100); // the end of the connection is noticed while nothing is asked of it
      await client.query('select 1');
    });
    await assert.rejects(lost, TryLater);
    assert.equal(await reader.transaction(() => Promise.resolve('works again')), 'works again');
  });
});

describe('an error of the database', () => {
  const withCode = (code: string, message = 'failed') => Object.assign(new Error(message), { code });

  it('counts as a lost connection when the server, the network or the names are not there', () => {
    const codes = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ERR_STREAM_DESTROYED', 'EPIPE'];
    for (const code of [...codes, '57P01', '57P03', '08006', '53300', '28P01', '3D000'])
      assert.equal(isConnectionError(withCode(code)), true, code);
    const messages = ['Connection terminated unexpectedly', 'Query read timeout'];
    for (const message of [...messages, 'timeout exceeded when trying to connect'])
      assert.equal(isConnectionError(new Error(message)), true, message);
  });

  it('does not when it is about what was asked, or is a mistake of ours', () => {
    for (const code of ['23505', '22P02', '42601'])
      assert.equal(isConnectionError(withCode(code)), false, code);
    assert.equal(isConnectionError(new TypeError('x is not a function')), false);
    assert.equal(
      isConnectionError(Object.assign(new TypeError('bad'), { code: 'ERR_INVALID_ARG_TYPE' })),
      false,
    );
  });
});
