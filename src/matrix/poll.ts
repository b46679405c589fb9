import type { MatrixPoll } from '../events.ts';
import { cleanName } from '../format/names.ts';
import { countAt, isObject, objectAt, objectsAt, textAt, textsAt } from './json.ts';
import type { JsonObject } from './json.ts';

/** The types of a poll's events, as they are now and as clients have long sent them. */
const startTypes: ReadonlySet<string> = new Set(['m.poll.start', 'org.matrix.msc3381.poll.start']);
const responseTypes: ReadonlySet<string> = new Set(['m.poll.response', 'org.matrix.msc3381.poll.response']);
const endTypes: ReadonlySet<string> = new Set(['m.poll.end', 'org.matrix.msc3381.poll.end']);

export function isPollStart(type: string): boolean {
  return startTypes.has(type);
}

/** What an event of this type does to a poll that is there. */
export function pollChangeOf(type: string): 'vote' | 'end' | undefined {
  if (responseTypes.has(type)) return 'vote';
  return endTypes.has(type) ? 'end' : undefined;
}

/** What isn't looked at any more: the protocol allows 20 answers. */
const mostAnswers = 20;
const longestAnswer = 500;

/**
 * The content of a poll's start; `undefined` when it asks nothing or there is nothing to choose.
 * @see https://github.com/matrix-org/matrix-spec-proposals/pull/3381
 */
export function pollOf(content: JsonObject): MatrixPoll | undefined {
  const stable = content['m.poll'];
  const said = isObject(stable) ? stable : objectAt(content, 'org.matrix.msc3381.poll.start');
  const question = wordsOf(objectAt(said, 'question'));
  const answers = new Map<string, string>();
  for (const answer of objectsAt(said, 'answers').slice(0, mostAnswers)) {
    const id = textAt(answer, 'm.id') ?? textAt(answer, 'id');
    const words = wordsOf(answer);
    if (id !== undefined && words !== '' && !answers.has(id)) answers.set(id, words);
  }
  if (question === '' || answers.size === 0) return undefined;
  return {
    question,
    answers: [...answers].map(([id, text]) => ({ id, text })),
    mostChoices: Math.max(1, countAt(said, 'max_selections') ?? 1),
    disclosed: /[.]disclosed$/.test(textAt(said, 'kind') ?? ''),
  };
}

/** The ids that a vote chooses, in its order; none where it is taken back or can't be read. */
export function choicesOf(content: JsonObject): readonly string[] {
  if (Array.isArray(content['m.selections'])) return textsAt(content, 'm.selections');
  return textsAt(objectAt(content, 'org.matrix.msc3381.poll.response'), 'answers');
}

function wordsOf(value: JsonObject): string {
  const words =
    textAt(value, 'org.matrix.msc1767.text') ??
    objectsAt(value, 'm.text').flatMap((form) => textAt(form, 'body') ?? [])[0] ??
    textAt(value, 'body') ??
    '';
  return cleanName(words, longestAnswer);
}
