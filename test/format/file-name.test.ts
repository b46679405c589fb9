import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fileName } from '../../src/format/file-name.ts';

const names: readonly (readonly [string, string | undefined, string])[] = [
  ['cat.png', 'image/png', 'cat.png'],
  ['cat.PNG', 'image/png', 'cat.PNG'],
  ['cat.jpeg', 'image/jpeg', 'cat.jpeg'],
  ['A cat', 'image/webp', 'A cat.webp'],
  ['Voice message', 'audio/ogg; codecs=opus', 'Voice message.ogg'],
  ['cat.gif', 'image/webp', 'cat.gif.webp'],
  ['invoice.pdf', 'image/png', 'invoice.pdf.png'],
  ['costs 1.5', 'application/pdf', 'costs 1.5.pdf'],
  ['notes.md', 'text/plain', 'notes.md'],
  ['archive.tar.gz', 'application/gzip', 'archive.tar.gz'],
  ['data.parquet', 'application/pdf', 'data.parquet'],
  ['cat', undefined, 'cat'],
  ['cat', 'text/x-unknown', 'cat'],
  ['cat', 'constructor', 'cat'],
  ['../../etc/passwd', 'text/plain', '_.._etc_passwd'],
  ['C:\\files\\cat.png', 'image/png', 'C:_files_cat.png'],
  ['.hidden', undefined, 'hidden'],
  ['evil\u202Egpj.exe', undefined, 'evilgpj.exe'],
  ['line\nbreak.txt', undefined, 'line break.txt'],
  ['', 'image/png', 'file.png'],
  ['\u200B', undefined, 'file'],
];

for (const [name, type, expected] of names)
  test(`${JSON.stringify(name)} of ${type ?? 'no type'} is called ${expected}`, () => {
    assert.equal(fileName(name, type), expected);
  });

test('a long name is cut before its ending', () => {
  const name = fileName(`${'long '.repeat(100)}.png`, 'image/png');
  assert.ok(name.length <= 120);
  assert.match(name, /…\.png$/);
});

test('whatever a file is called, it has a short name without folders', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), (name, type) => {
      const made = fileName(name, type);
      assert.ok(made.length > 0);
      assert.doesNotMatch(made, /[/\\\n]/);
    }),
  );
});
