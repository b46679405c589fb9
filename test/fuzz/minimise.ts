import { smallerJson } from './change-json.ts';
import type { Input } from './corpus.ts';

/** In milliseconds: an input that takes long stays larger than it need be. */
const patience = 20_000;

/** A smaller input that still fails: parts are left out one after the other as long as it does. */
export function minimise(input: Input, fails: (input: Input) => boolean): Input {
  let smallest = input;
  const deadline = performance.now() + patience;
  for (let found = true; found;) {
    found = false;
    for (const candidate of smaller(smallest)) {
      if (performance.now() > deadline) return smallest;
      if (size(candidate) >= size(smallest) || !fails(candidate)) continue;
      smallest = candidate;
      found = true;
      break;
    }
  }
  return smallest;
}

function size(input: Input): number {
  switch (input.format) {
    case 'json':
    case 'form':
      return JSON.stringify(input.value).length;
    case 'text':
      return input.text.length;
    case 'bytes':
      return input.bytes.length;
  }
}

function* smaller(input: Input): Generator<Input> {
  switch (input.format) {
    case 'json':
    case 'form':
      for (const value of smallerJson(input.value)) yield { ...input, value };
      return;
    case 'text':
      for (const [from, to] of gaps(input.text.length))
        yield { ...input, text: input.text.slice(0, from) + input.text.slice(to) };
      return;
    case 'bytes':
      for (const [from, to] of gaps(input.bytes.length))
        yield {
          ...input,
          bytes: Buffer.concat([input.bytes.subarray(0, from), input.bytes.subarray(to)]),
        };
  }
}

/** What to leave out: halves first, then ever smaller parts. */
function* gaps(length: number): Generator<readonly [number, number]> {
  for (let part = Math.ceil(length / 2); part > 0; part = part === 1 ? 0 : Math.ceil(part / 2)) {
    for (let from = 0; from < length; from += part) yield [from, from + part];
  }
}
