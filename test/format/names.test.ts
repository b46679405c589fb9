import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cleanFileName, cleanName, truncate } from '../../src/format/names.ts';

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

test('a file’s name is no path, hides nothing and keeps its extension', () => {
  for (const [name, clean] of [
    ['plan.pdf', 'plan.pdf'],
    ['../../etc/passwd', '_.._etc_passwd'],
    ['C:\\temp\\a.txt', 'C:_temp_a.txt'],
    ['.bashrc', 'bashrc'],
    ['photo\u202Egpj.exe', 'photogpj.exe'],
    ['two\nlines .txt ', 'two lines .txt'],
    ['. .', 'file'],
    ['', 'file'],
    [`${'a'.repeat(300)}.tar`, `${'a'.repeat(115)}….tar`],
    ['Straße 👩‍💻.png', 'Straße 👩‍💻.png'],
  ] as const)
    assert.equal(cleanFileName(name), clean, JSON.stringify(name));
});

test('whatever a file is called, its clean name can be stored, shown and sent anywhere', () => {
  const odd = fc.constantFrom(
    '/',
    '\\',
    '.',
    '..',
    '\u202E',
    '\u0000',
    '\n',
    '\u200D',
    '\u0301',
    '…',
    '👩',
    ' ',
    '\uD800',
  );
  const unit = fc.integer({ min: 0, max: 0x10ffff }).map((point) => String.fromCodePoint(point));
  const name = fc.array(fc.oneof(odd, fc.string({ unit, maxLength: 20 })), { maxLength: 15 });
  fc.assert(
    fc.property(name, fc.constantFrom('', '.pdf', '.jpeg'), (parts, end) => {
      const clean = cleanFileName(parts.join('') + end);
      assert.ok(clean.length > 0 && clean.isWellFormed());
      assert.ok(Buffer.byteLength(clean) <= 240);
      assert.doesNotMatch(clean, /[\p{Cc}\p{Zl}\p{Zp}/\\\u202A-\u202E\u2066-\u2069\u200B]/u);
      assert.doesNotMatch(clean, /^[.\s]|[.\s]$/);
      if (clean !== 'file' && clean !== end.slice(1)) assert.ok(clean.endsWith(end), JSON.stringify(clean));
    }),
  );
});
