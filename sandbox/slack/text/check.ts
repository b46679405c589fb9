import { characterCount } from './characters.ts';

export type Fields = Readonly<Record<string, unknown>>;

export function checkText(
  value: unknown,
  at: string,
  longest: number,
  types = ['plain_text', 'mrkdwn'],
): readonly string[] {
  if (!isFields(value)) return [`missing required field: text [json-pointer:${at}]`];
  if (typeof value['type'] !== 'string' || !types.includes(value['type'])) {
    return [
      `failed to match all allowed schemas [json-pointer:${at}]`,
      `unsupported type [json-pointer:${at}/type]`,
    ];
  }
  const problems = checkString(value['text'], `${at}/text`, longest);
  return problems.length === 0
    ? []
    : [`failed to match all allowed schemas [json-pointer:${at}]`, ...problems];
}

export function checkString(value: unknown, at: string, longest: number): readonly string[] {
  if (typeof value !== 'string') return [`missing required field [json-pointer:${at}]`];
  if (value === '') return [`must be more than 0 characters [json-pointer:${at}]`];
  return characterCount(value) > longest
    ? [`must be less than ${longest + 1} characters [json-pointer:${at}]`]
    : [];
}

export function checkList(value: unknown, at: string, fewest: number, most: number): readonly string[] {
  if (!Array.isArray(value)) return [`must be an array [json-pointer:${at}]`];
  if (value.length < fewest) return [`no fewer than ${fewest} items allowed [json-pointer:${at}]`];
  return value.length > most ? [`no more than ${most} items allowed [json-pointer:${at}]`] : [];
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
