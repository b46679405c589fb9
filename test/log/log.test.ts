import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { describe, it } from 'node:test';
import { createLogger } from '../../src/log.ts';
import type { LogOptions, RootLogger } from '../../src/log.ts';
import { libraryStream, slackLogger } from '../../src/log/vendors.ts';

/** What `act` writes, as lines. */
function logged(options: Partial<LogOptions>, act: (log: RootLogger) => void): readonly string[] {
  const stream = new PassThrough();
  act(createLogger({ level: 'debug', format: 'text', ...options }, stream));
  return String(stream.read() ?? '')
    .split('\n')
    .filter((line) => line !== '');
}

function json(act: (log: RootLogger) => void): readonly Record<string, unknown>[] {
  return logged({ format: 'json' }, act).map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('the log', () => {
  it('writes a line for people: time, level, message, fields', () => {
    const [line] = logged({}, (log) => log.info('portal linked', { channel: 'C1', room: '!a b', count: 2 }));
    assert.match(line ?? '', /^\d{4}-\d\d-\d\dT\S+Z INFO  portal linked  channel=C1 room="!a b" count=2$/);
  });

  it('writes JSON for collectors', () => {
    const [entry] = json((log) => log.warn('slow', { team: 'T1', deep: { a: [1] } }));
    const { time, ...rest } = entry ?? {};
    assert.ok(!Number.isNaN(Date.parse(String(time))));
    assert.deepEqual(rest, { level: 'warn', message: 'slow', team: 'T1', deep: { a: [1] } });
  });

  it('keeps a field that is named like one of its own', () => {
    const [entry] = json((log) => log.info('kept', { message: 'mine', level: 3 }));
    assert.deepEqual([entry?.['message'], entry?.['message_'], entry?.['level_']], ['kept', 'mine', 3]);
  });

  it('leaves out what is below its level', () => {
    const lines = logged({ level: 'warn' }, (log) => {
      log.debug('a');
      log.info('b');
      log.warn('c');
      log.error('d');
    });
    assert.equal(lines.length, 2);
  });

  it('gives children the fields of their parents', () => {
    const [entry] = json((log) =>
      log.child({ lane: 'a', team: 'T1' }).child({ team: 'T2' }).info('done', { ms: 1 }),
    );
    assert.deepEqual([entry?.['lane'], entry?.['team'], entry?.['ms']], ['a', 'T2', 1]);
  });

  it('shows an error with its cause, and its stack at level error only', () => {
    const error = new TypeError('no such row', { cause: new Error('disk full') });
    assert.match(
      logged({}, (log) => log.warn('w', { error })).join('\n'),
      /error="TypeError: no such row \(because of Error: disk full\)"$/,
    );
    const lines = logged({}, (log) => log.error('e', { error }));
    assert.ok(lines.slice(1).every((line) => line.startsWith('    at ')));
    assert.ok(lines.length > 1);
  });

  it('never lets a value look like another entry', () => {
    const lines = logged({}, (log) =>
      log.info('a\nb', { name: 'x\n2026-01-01T00:00:00Z ERROR fake', other: 'y=z' }),
    );
    assert.equal(lines.length, 1);
    assert.match(lines[0] ?? '', /other="y=z"$/);
  });

  it('survives any value', () => {
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    const values = {
      circle,
      big: 10n,
      none: undefined,
      nothing: null,
      call: () => 1,
      bytes: Buffer.from('secret!'),
      date: new Date(Number.NaN),
      long: 'x'.repeat(9999),
      set: new Set([1]),
      map: new Map([['a', 1]]),
    };
    const [entry] = json((log) => log.info('odd', values));
    assert.equal(entry?.['big'], '10');
    assert.equal(entry?.['bytes'], '<7 bytes>');
    assert.ok(String(entry?.['long']).length < 2100);
    assert.equal(logged({}, (log) => log.info('odd', values)).length, 1);
  });
});

describe('secrets in the log', () => {
  const secrets = [
    'xoxb-12-34-abcDEF',
    'xoxe.xoxp-1-abc',
    'xapp-1-A1-22-ff',
    'Bearer abc.def',
    'syt_YW5u_abcdefgh_123456',
  ];
  for (const secret of secrets)
    it(`are replaced by their shape: ${secret.slice(0, 5)}…`, () => {
      const text = logged({}, (log) =>
        log.error(`m ${secret}`, { a: secret, b: { c: [`x ${secret} y`] }, error: new Error(secret) }),
      ).join('\n');
      assert.ok(!text.includes(secret.split(' ').at(-1) ?? secret), text);
    });

  it('are replaced in addresses and in texts of JSON', () => {
    const text = logged({}, (log) =>
      log.info('m', {
        url: 'http://h/_matrix?access_token=abc123&a=1',
        database: 'postgres://bridge:hunter2@db/x',
        body: '{"as_token":"deadbeef","hs_token": "cafe"}',
      }),
    ).join('\n');
    for (const secret of ['abc123', 'hunter2', 'deadbeef', 'cafe']) assert.ok(!text.includes(secret), secret);
    assert.ok(text.includes('a=1') && text.includes('@db/x'), 'the rest stays');
  });

  it('are replaced by the name of their field', () => {
    const [entry] = json((log) =>
      log.info('m', { bot_token: 'a', password: 'b', headers: { Authorization: 'c' }, hs_token: 'd' }),
    );
    assert.deepEqual(
      [entry?.['bot_token'], entry?.['password'], entry?.['headers'], entry?.['hs_token']],
      ['[redacted]', '[redacted]', { Authorization: '[redacted]' }, '[redacted]'],
    );
  });

  it('are replaced when they were told to be hidden', () => {
    const text = logged({}, (log) => {
      log.hide('correct horse');
      log.hide('a');
      log.child({ x: 1 }).info('a correct horse', { y: 'a correct horse b' });
    }).join('\n');
    assert.ok(!text.includes('correct horse'));
    assert.match(text, /a \[redacted\]/, 'what is too short to be a secret stays');
  });
});

describe("the vendors' loggers", () => {
  it('drop debug output, which holds payloads, and keep warnings', () => {
    const lines = logged({}, (log) => {
      const slack = slackLogger(log, 'info');
      assert.equal(slack.getLevel(), 'info');
      slack.debug('http request body: {"text":"hi"}');
      slack.info('connected');
      slack.warn('careful', { text: 'hi' }, new Error('odd'));
    });
    assert.equal(lines.length, 2);
    assert.match(lines[0] ?? '', /DEBUG from the Slack library  text=connected$/);
    assert.match(lines[1] ?? '', /WARN  from the Slack library  text="careful Error: odd"$/);
  });

  it("read the Matrix library's lines", () => {
    const lines = logged({}, (log) => {
      const stream = libraryStream(log);
      stream.write(
        '{"level":"WARN","module":"Intent","message":"odd"}\n{"level":"DEBUG","message":"body"}\n',
      );
      stream.write('not JSON\n');
      stream.write('{"level":"INFO","module":"bot-sdk","message":"fine"}\n');
    });
    assert.equal(lines.length, 2);
    assert.match(lines[0] ?? '', /WARN  from the Matrix library  module=Intent text=odd$/);
    assert.match(lines[1] ?? '', /DEBUG from the Matrix library  module=bot-sdk text=fine$/);
  });
});
