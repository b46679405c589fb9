import { names, numbered, people } from './names.ts';

const words =
  'who moves the meeting to the small room because nobody found the key and the coffee is cold already so we had better begin with the figures of last week'.split(
    ' ',
  );

/** Some words, the same for the same seed. */
function some(count: number, seed: number): string {
  return Array.from({ length: count }, (_, index) => words[(seed * 7 + index * 5) % words.length]).join(' ');
}

/** A message as people write them in Slack: a sentence or two, something bold, a link, a mention, an emoji, a short list. */
export function slackText(
  number: number,
  seed: number,
): { readonly text: string; readonly blocks: readonly object[] } {
  const sentence = `${numbered(number)} ${some(14 + (seed % 9), seed)}`;
  const bold = some(4, seed + 3);
  const url = `https://example.org/tickets/${seed}`;
  const whom = names.slackUser((seed * 13) % people);
  const section = (elements: readonly object[]): object => ({ type: 'rich_text_section', elements });
  const blocks = [
    {
      type: 'rich_text',
      block_id: `b${number}`,
      elements: [
        section([
          { type: 'text', text: `${sentence} ` },
          { type: 'text', text: bold, style: { bold: true } },
          { type: 'text', text: ' ' },
          { type: 'link', url, text: some(3, seed + 5) },
          { type: 'text', text: ' ' },
          { type: 'user', user_id: whom },
          { type: 'text', text: ' ' },
          { type: 'emoji', name: 'tada', unicode: '1f389' },
        ]),
        {
          type: 'rich_text_list',
          style: 'bullet',
          indent: 0,
          border: 0,
          elements: [1, 2].map((add) => section([{ type: 'text', text: some(6, seed + add) }])),
        },
      ],
    },
  ];
  return { text: `${sentence} *${bold}* <${url}> <@${whom}> :tada:`, blocks };
}

/** The same from a Matrix client. */
export function matrixContent(number: number, seed: number): object {
  const sentence = `${numbered(number)} ${some(14 + (seed % 9), seed)}`;
  const bold = some(4, seed + 3);
  const items = [1, 2].map((add) => some(6, seed + add));
  return {
    msgtype: 'm.text',
    body: `${sentence} **${bold}**\n\n- ${items.join('\n- ')}`,
    format: 'org.matrix.custom.html',
    formatted_body: `<p>${sentence} <strong>${bold}</strong></p>\n<ul>\n${items.map((item) => `<li>${item}</li>`).join('\n')}\n</ul>\n`,
    'm.mentions': {},
  };
}
