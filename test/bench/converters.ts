import { isEmpty, textDoc } from '../../src/format/doc.ts';
import { messageDoc } from '../../src/format/blocks.ts';
import { parseHtml } from '../../src/format/html.ts';
import { matrixLimits, slackLimits, splitDoc } from '../../src/format/splitter.ts';
import { messageContent } from '../../src/matrix/content.ts';
import { renderPost } from '../../src/slack/render-post.ts';
import { readEntries } from '../corpus/entry.ts';
import type { Side } from '../corpus/entry.ts';
import { figure } from '../support/figure.ts';
import type { PartResult, PartRun } from './part.ts';
import { median } from './statistics.ts';

/** Of a hundred messages, how many are like this entry of the corpus: most of what people write is short and plain. */
const typical: Readonly<Record<Side, Readonly<Record<string, number>>>> = {
  slack: {
    text: 40,
    'thread-reply': 12,
    lines: 8,
    'rich-mentions': 8,
    'rich-things': 6,
    'rich-marks': 6,
    'rich-lists': 3,
    'rich-quote-and-code': 3,
    'text-without-blocks': 4,
    'shared-message': 2,
    'legacy-bot': 2,
    'github-push': 2,
    alertmanager: 2,
    'jira-issue': 2,
  },
  matrix: {
    text: 45,
    lines: 5,
    'element-reply': 10,
    'element-pill': 8,
    'element-marks': 8,
    'element-reply-fallback': 6,
    'element-lists': 4,
    'element-code-block': 4,
    'cinny-marks': 4,
    'fluffychat-breaks': 3,
    'element-headings': 2,
    'element-table': 1,
  },
};

const goals: Readonly<Record<Side, number>> = { slack: 15_000, matrix: 5_000 };

const rounds = 7;
/** In each round, of a hundred messages. */
const hundreds = 100;

/**
 * How many messages a second one processor converts: a payload's text to the content of an event, an event's text to
 * blocks and the text beside them. In this process, by its own processor time: what else the machine does counts little.
 */
export async function measureConverters({ say }: PartRun): Promise<PartResult> {
  say('Converting typical messages …');
  const figures = [
    figure('converters.slack_to_matrix', rateOf('slack', toMatrix), 'messages/s', { atLeast: goals.slack }),
    figure('converters.matrix_to_slack', rateOf('matrix', toSlack), 'messages/s', { atLeast: goals.matrix }),
  ];
  return { figures, complete: true };
}

type Fields = Readonly<Record<string, unknown>>;

function rateOf(side: Side, convert: (fields: Fields) => number): number {
  const messages = typicalMessages(side);
  let written = 0;
  const round = (): number => {
    const before = process.cpuUsage();
    for (let times = 0; times < hundreds; times += 1) {
      for (const message of messages) written += convert(message);
    }
    const { user, system } = process.cpuUsage(before);
    return (messages.length * hundreds) / ((user + system) / 1_000_000);
  };
  round(); // V8 compiles what is hot
  const rate = median(Array.from({ length: rounds }, round));
  if (written === 0) throw new Error('Nothing was written: nothing was measured.');
  return rate;
}

/** A hundred, the kinds among each other; each its own object, as each comes out of its own payload. */
function typicalMessages(side: Side): readonly Fields[] {
  const entries = new Map(readEntries(side).map(({ name, event }) => [name, event]));
  const each = Object.entries(typical[side]).flatMap(([name, times]) =>
    Array.from({ length: times }, (_, index) => ({ name, place: (index + 0.5) / times })),
  );
  return each
    .toSorted((a, b) => a.place - b.place)
    .map(({ name }) => {
      const event = entries.get(name);
      if (event === undefined) throw new Error(`test/corpus/${side} has no ${name}.json.`);
      return structuredClone(side === 'slack' ? event : contentOf(event));
    });
}

function contentOf({ content }: Fields): Fields {
  return typeof content === 'object' && content !== null ? { ...content } : {};
}

function toMatrix({ text, blocks, attachments }: Fields): number {
  const doc = messageDoc({ text, blocks, attachments });
  let written = 0;
  for (const piece of isEmpty(doc) ? [] : splitDoc(doc, matrixLimits)) {
    written += Object.keys(messageContent({ kind: 'text', text: piece }, 'transaction')).length;
  }
  return written;
}

function toSlack({ body, formatted_body: html }: Fields): number {
  const doc = typeof html === 'string' ? parseHtml(html) : textDoc(typeof body === 'string' ? body : '');
  let written = 0;
  for (const piece of isEmpty(doc) ? [] : splitDoc(doc, slackLimits)) {
    written += renderPost({ text: piece, emote: false }).blocks.length;
  }
  return written;
}
