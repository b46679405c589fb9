import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { nameKeys } from '../../src/format/name-keys.ts';

function areAlike(a: string, b: string): boolean {
  const others = nameKeys(b);
  return nameKeys(a).some((key) => others.includes(key));
}

/** Ways to pass for another, each with names that look like the first one. */
const attacks: Readonly<Record<string, readonly (readonly [string, ...string[]])[]>> = {
  'case, spaces and punctuation': [
    ['Ann Smith', 'ANN SMITH', 'ann.smith', 'Ann_Smith', 'AnnSmith', ' Ann  Smith ', 'Ann-Smith.'],
  ],
  'what can’t be seen': [
    [
      'Ann',
      'A\u200Bnn',
      'Ann\u2060',
      '\u202EAnn',
      'Ann\uFE0F',
      'A\u00ADnn',
      'Ann\u3164',
      'A\u{E0041}nn',
      'A\u034Fnn',
    ],
  ],
  'accents and marks': [['Jose', 'José', 'Jose\u0301', 'J\u0332o\u0332s\u0332e\u0332', 'Jøse', 'Josè']],
  'Cyrillic letters': [
    ['Slackbot', 'Ѕlаckbоt', 'ЅӀасkЬоt', 'SlackЬot'],
    ['Hope', 'Норе', 'Hоpе'],
    ['Jim', 'Јіm', 'Јӏм'],
  ],
  'Greek letters': [
    ['ANNA', 'ΑΝΝΑ', 'AΝNΑ'],
    ['Kate', 'Κατε', 'Κaτe'],
    ['Ivo', 'Ινο', 'Ιvο'],
  ],
  'Armenian letters': [['hugo', 'հսցօ', 'hսgօ']],
  'Cherokee letters': [
    ['Dale', 'ᎠᎪᏞᎬ', 'ꭰꭺꮮꭼ', 'DᎪLᎬ'],
    ['Alice', 'ᎪᏞᎥᏟᎬ'],
  ],
  'Lisu and Coptic letters': [
    ['SAM', 'ꓢꓮꓟ'],
    ['Pope', 'Ⲣoⲣe', 'ⲢⲞⲢⲈ'],
  ],
  'small capitals and letters for sounds': [['admin', 'ᴀᴅᴍɪɴ', 'ɑdmın', 'ɐdmin']],
  'width, mathematics, circles and squares': [
    ['Ann', 'Ａｎｎ', '𝐀𝐧𝐧', '𝒜𝓃𝓃', '𝔸𝕟𝕟', '𝙰𝚗𝚗', 'Ⓐⓝⓝ', '🄰🄽🄽', '🅐🅝🅝', '🅰🅽🅽', '🇦🇳🇳'],
    ['Fiona', 'ﬁona'],
  ],
  'digits and strokes for letters': [
    ['Bill', 'BiIl', 'B1ll', 'Bi||', 'BⅠll', 'B۱ll'],
    ['Bob', 'B0b', 'B๐b', 'B०b', 'Bסb', 'Bօb'],
  ],
  'letters side by side': [
    ['modern', 'rnodern'],
    ['Walter', 'VValter'],
  ],
  'Japanese and Chinese signs': [['山口', '山ロ', '山囗']],
  'the same in another case of its own script': [
    ['Άννα', 'ΑΝΝΑ'],
    ['Иван', 'ИВАН'],
  ],
};

for (const [attack, rows] of Object.entries(attacks))
  test(`a name is known behind ${attack}`, () => {
    for (const [name, ...posers] of rows)
      for (const poser of posers)
        assert.ok(
          areAlike(name, poser),
          `${name} ${poser}: ${nameKeys(name).join()} ${nameKeys(poser).join()}`,
        );
  });

test('names that people tell apart are apart', () => {
  for (const [a, b] of [
    ['Ann', 'Anna'],
    ['Bob', 'Rob'],
    ['Dan', 'Van'],
    ['Иван', 'Игорь'],
    ['Νίκος', 'Nick'],
    ['佐藤', '加藤'],
    ['Émile', 'Emily'],
    ['Team 2', 'Team 7'],
    ['محمد', 'محمود'],
  ] as const)
    assert.ok(!areAlike(a, b), `${a} ${b}`);
});

test('a name of signs alone has no form', () => {
  for (const name of ['', '🎉', '…', '\u200B']) assert.deepEqual(nameKeys(name), []);
});

test('every name looks like itself, however it is written', () => {
  const unit = fc.integer({ min: 0, max: 0x10ffff }).map((point) => String.fromCodePoint(point));
  fc.assert(
    fc.property(fc.string({ unit, minLength: 1, maxLength: 30 }), (name) => {
      const keys = nameKeys(name);
      assert.ok(keys.length === 0 || areAlike(name, name.toLowerCase()));
      assert.deepEqual(nameKeys(name.normalize('NFKD')), nameKeys(name.normalize('NFKC')));
      assert.ok(keys.every((key) => !/[\p{C}\p{Z}\p{P}]/u.test(key)));
    }),
  );
});
