import { lookOf } from './lookalikes.ts';
import { cleanName } from './names.ts';

/**
 * Forms for comparing names: those that share one look alike. Gone are case, accents, width, spaces, punctuation, what
 * can't be seen, and the difference between letters that look the same (`lookalikes.ts`). None for a name without letters
 * and digits: all of these would look alike.
 *
 * One form is of the name as it is written, one of its small letters: the Greek `ΑΝΝΑ` looks like `ANNA`, and is `Άννα`, too.
 */
export function nameKeys(name: string): readonly string[] {
  const plain = cleanName(name, Number.MAX_SAFE_INTEGER).normalize('NFKD');
  const keys = [keyOf(plain), keyOf(plain.toLowerCase().normalize('NFKD'))];
  return [...new Set(keys)].filter((key) => key !== '');
}

function keyOf(plain: string): string {
  let key = '';
  for (const char of plain) {
    const look = lookOf(char);
    if (/[\p{L}\p{N}]/u.test(look)) key += lookOf(look.toLowerCase());
  }
  return key.replaceAll('i', 'l').replaceAll('rn', 'm').replaceAll('vv', 'w');
}
