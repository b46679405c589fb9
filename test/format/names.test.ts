import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cleanName, nameKey, truncate } from '../../src/format/names.ts';

test('a name loses what deceives, and keeps what it is written with', () => {
  for (const [name, clean] of [
    ['Ann\u202Eevil', 'Annevil'],
    ['\u2066Ann\u2069', 'Ann'],
    ['a\u200Bb\u2060c\uFEFF', 'abc'],
    ['R\u200Dob', 'Rob'],
    ['  two \n\t lines\u0000 ', 'two lines'],
    ['tag\u{E0041}ged', 'tagged'],
    ['\u3164\u2800', ''],
    ['👩‍💻 dev 👍🏽', '👩‍💻 dev 👍🏽'],
    ['می‌خواهم', 'می‌خواهم'],
    [`Z${'\u0334'.repeat(50)}a`, `Z${'\u0334'.repeat(4)}a`],
    ['Cafe\u0301', 'Café'],
    ['half \uD800', 'half \uFFFD'],
    ['<!channel> *x*', '<!channel> *x*'],
  ] as const) {
    assert.equal(cleanName(name), clean, JSON.stringify(name));
  }
});

test('a long name ends in an ellipsis, between graphemes', () => {
  assert.equal(cleanName('a'.repeat(100)), `${'a'.repeat(79)}…`);
  assert.equal(truncate('👩‍💻👩‍💻👩‍💻', 2), '👩‍💻…');
  assert.equal(truncate('👩‍💻👩‍💻', 2), '👩‍💻👩‍💻');
});

test('names that look alike have one key', () => {
  for (const [a, b] of [
    ['Ann Smith', 'аnn-smіth'],
    ['ADMIN', 'adm1n'],
    ['Ａｎｎ', 'ann'],
    ['José', 'Jose'],
    ['Bill', 'BiIl'],
    ['modern', 'rnodern'],
    ['Ann\u200B', 'Ann'],
  ] as const) {
    assert.equal(nameKey(a), nameKey(b), `${a} ${b}`);
  }
  assert.notEqual(nameKey('Ann'), nameKey('Anna'));
});
