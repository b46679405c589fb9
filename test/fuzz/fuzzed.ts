import fc from 'fast-check';
import { changeJson, jsonChanges } from './change-json.ts';
import type { JsonChange } from './change-json.ts';
import { changeText, textChanges } from './change-text.ts';
import type { TextChange } from './change-text.ts';
import { bytesOf, readCorpus } from './corpus.ts';
import type { Input, Kind } from './corpus.ts';

interface ByteChange {
  readonly at: number;
  readonly remove: number;
  readonly insert: Uint8Array;
}

interface Changes {
  readonly entry: number;
  readonly json: readonly JsonChange[];
  readonly text: readonly TextChange[];
  readonly bytes: readonly ByteChange[];
}

const most = { minLength: 0, maxLength: 8 } as const;

const changes: fc.Arbitrary<Changes> = fc.record({
  entry: fc.nat(9_999),
  json: fc.array(jsonChanges, most),
  text: fc.array(textChanges, most),
  bytes: fc.oneof(
    { weight: 9, arbitrary: fc.constant([]) },
    {
      weight: 1,
      arbitrary: fc.array(
        fc.record({ at: fc.nat(20_000), remove: fc.nat(3), insert: fc.uint8Array({ maxLength: 3 }) }),
        { minLength: 1, maxLength: 3 },
      ),
    },
  ),
});

/** Real shapes of a kind, each changed in a few places. */
export function fuzzed(kind: Kind): fc.Arbitrary<Input> {
  const inputs = readCorpus(kind).map(({ input }) => input);
  const values = inputs.flatMap((input) => ('value' in input ? [input.value] : []));
  const texts = inputs.flatMap((input) => (input.format === 'text' ? [input.text] : []));
  const withBytes = kind === 'slack-bodies' || kind === 'matrix-events';
  return changes.map(({ entry, json, text, bytes }): Input => {
    const input = inputs[entry % inputs.length] ?? { format: 'text', text: '' };
    const changed = changedInput(input, json, text, values, texts);
    return withBytes && bytes.length > 0 ? changedBytes(changed, bytes) : changed;
  });
}

function changedInput(
  input: Input,
  json: readonly JsonChange[],
  text: readonly TextChange[],
  values: readonly unknown[],
  texts: readonly string[],
): Input {
  switch (input.format) {
    case 'json':
    case 'form':
      return { ...input, value: json.reduce((value, each) => changeJson(value, each, values), input.value) };
    case 'text':
      return { ...input, text: text.reduce((value, each) => changeText(value, each, texts), input.text) };
    case 'bytes':
      return input;
  }
}

function changedBytes(input: Input, changes: readonly ByteChange[]): Input {
  let bytes = bytesOf(input);
  for (const { at, remove, insert } of changes) {
    const place = at % (bytes.length + 1);
    bytes = Buffer.concat([bytes.subarray(0, place), insert, bytes.subarray(place + remove)]);
  }
  return { format: 'bytes', bytes };
}
