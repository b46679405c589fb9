import assert from 'node:assert/strict';
import { test } from 'node:test';
import { break_, emoji, h, hr, link, p, quote, t } from './notation.ts';
import { messageDoc } from '../../src/format/blocks.ts';
import { collectMentions, plainText } from '../../src/format/doc.ts';
import type { Block } from '../../src/format/doc.ts';

const plain = (text: string) => ({ type: 'plain_text', text });
const mrkdwn = (text: string) => ({ type: 'mrkdwn', text });
const rich = (text: string) => ({
  type: 'rich_text',
  elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text }] }],
});
const button = (text: string, url?: string) => ({ type: 'button', text: plain(text), ...(url && { url }) });
const table: Block = { type: 'table', header: [[t('a')], [t('b')]], rows: [[[t('1')], [t('2', 'bold')]]] };

const blocks: readonly (readonly [string, object, ...Block[]])[] = [
  ['rich_text', rich('*a*'), p('*a*')],
  ['a section', { type: 'section', text: mrkdwn('*a* &amp; b') }, p(t('a', 'bold'), ' & b')],
  ['plain text', { type: 'section', text: plain('*a* &lt; :wave:') }, p('*a* < ', emoji('wave', '👋'))],
  [
    'a section with fields',
    { type: 'section', fields: [mrkdwn('*A*\n1'), plain('B')] },
    p(t('A', 'bold'), break_, '1'),
    p('B'),
  ],
  [
    'a section with a button',
    { type: 'section', text: mrkdwn('a'), accessory: button('Go', 'https://x.org') },
    p('a'),
    p(link('https://x.org', '[Go]')),
  ],
  ['a header', { type: 'header', text: plain('T') }, h(3, 'T')],
  ['a divider', { type: 'divider' }, hr],
  [
    'context',
    {
      type: 'context',
      elements: [{ type: 'image', image_url: 'https://x.org/a.png', alt_text: 'cat' }, mrkdwn('_by_ Ann')],
    },
    p({ type: 'image', src: 'https://x.org/a.png', alt: 'cat' }, ' ', t('by', 'italic'), ' Ann'),
  ],
  [
    'an image',
    { type: 'image', image_url: 'https://x.org/a.png', alt_text: 'cat', title: plain('Cat') },
    p('Cat', break_, { type: 'image', src: 'https://x.org/a.png', alt: 'cat' }),
  ],
  [
    'an image that is a Slack file',
    { type: 'image', slack_file: { url: 'https://files.slack.com/a' }, alt_text: 'cat' },
    p({ type: 'image', src: 'https://files.slack.com/a', alt: 'cat' }),
  ],
  [
    'buttons',
    { type: 'actions', elements: [button('Yes', 'https://x.org'), button('No')] },
    p(link('https://x.org', '[Yes]'), ' [No]'),
  ],
  [
    'a menu',
    {
      type: 'actions',
      elements: [
        {
          type: 'static_select',
          placeholder: plain('Pick'),
          options: [{ text: plain('a') }, { text: plain('b') }],
        },
      ],
    },
    p('[Pick / a / b]'),
  ],
  [
    'an input',
    {
      type: 'input',
      label: plain('Name'),
      element: { type: 'plain_text_input', placeholder: plain('yours') },
      hint: plain('in full'),
    },
    p(t('Name', 'bold'), break_, '[yours]', break_, 'in full'),
  ],
  [
    'a video',
    {
      type: 'video',
      title: plain('V'),
      title_url: 'https://x.org/v',
      author_name: 'Ann',
      provider_name: 'Tube',
      description: plain('D'),
    },
    p(link('https://x.org/v', t('V', 'bold')), break_, 'Ann · Tube', break_, 'D'),
  ],
  ['a remote file', { type: 'file', external_id: 'F-1', source: 'remote' }, p('[file F-1]')],
  ['markdown', { type: 'markdown', text: '**a**' }, p('**a**')],
  [
    'a table',
    {
      type: 'table',
      rows: [
        [
          { type: 'raw_text', text: 'a' },
          { type: 'raw_text', text: 'b' },
        ],
        [
          { type: 'raw_number', value: 1, text: '1' },
          {
            type: 'rich_text',
            elements: [
              { type: 'rich_text_section', elements: [{ type: 'text', text: '2', style: { bold: true } }] },
            ],
          },
        ],
      ],
    },
    table,
  ],
  [
    'a data table',
    { type: 'data_table', caption: 'C', rows: [[{ type: 'raw_text', text: 'a' }]] },
    p('C'),
    { type: 'table', header: [[t('a')]], rows: [] },
  ],
  ['an alert', { type: 'alert', level: 'warning', text: mrkdwn('*a*') }, p('⚠️ ', t('a', 'bold'))],
  [
    'a card',
    { type: 'card', title: mrkdwn('T'), subtitle: mrkdwn('S'), body: mrkdwn('B'), actions: [button('Go')] },
    p(t('T', 'bold'), break_, 'S'),
    p('B'),
    p('[Go]'),
  ],
  [
    'a carousel',
    {
      type: 'carousel',
      elements: [
        { type: 'card', title: mrkdwn('A') },
        { type: 'card', title: mrkdwn('B') },
      ],
    },
    p(t('A', 'bold')),
    p(t('B', 'bold')),
  ],
  [
    'a container',
    { type: 'container', title: plain('T'), child_blocks: [{ type: 'divider' }, rich('a')] },
    p(t('T', 'bold')),
    hr,
    p('a'),
  ],
  [
    'a plan',
    {
      type: 'plan',
      title: 'P',
      tasks: [
        {
          type: 'task_card',
          title: 'T',
          status: 'complete',
          details: rich('d'),
          sources: [{ type: 'url', url: 'https://x.org', text: 'x' }],
        },
      ],
    },
    p(t('P', 'bold')),
    p(t('T', 'bold'), ' (complete)'),
    p('d'),
    p(link('https://x.org', '[x]')),
  ],
  [
    'feedback',
    {
      type: 'context_actions',
      elements: [
        {
          type: 'feedback_buttons',
          positive_button: { text: plain('Good') },
          negative_button: { text: plain('Bad') },
        },
        { type: 'icon_button', text: plain('Del') },
      ],
    },
    p('[Good] [Bad] [Del]'),
  ],
  [
    'an unknown block',
    { type: 'hologram', content: { heading: { title: 'T' }, rows: [{ text: 'deep' }] } },
    p('T', break_, 'deep'),
  ],
  ['an unknown block that says nothing', { type: 'hologram' }, p('[hologram]')],
];

for (const [what, block, ...expected] of blocks) {
  test(`Block Kit: ${what}`, () => {
    assert.deepEqual(messageDoc({ blocks: [block], text: 'short form' }), { blocks: expected });
  });
}

test('text is what a message says without blocks, or with blocks that say nothing', () => {
  assert.deepEqual(messageDoc({ text: '*a*' }), { blocks: [p(t('a', 'bold'))] });
  assert.deepEqual(messageDoc({ text: '*a*', blocks: [rich('')] }).blocks.length, 1);
  assert.deepEqual(messageDoc({ text: 'a', blocks: [] }), { blocks: [p('a')] });
  assert.deepEqual(messageDoc({ text: 'a', blocks: 'nonsense', attachments: 7 }), { blocks: [p('a')] });
  assert.deepEqual(messageDoc({}), { blocks: [] });
});

test('an attachment is a quote of all its parts, under its pretext', () => {
  const attachment = {
    pretext: 'New *issue*',
    color: 'good',
    author_name: 'Ann',
    author_link: 'https://x.org/ann',
    title: 'Title',
    title_link: 'https://x.org/t',
    text: 'body `c`',
    fields: [{ title: 'State', value: '*open*', short: true }, { title: 'Empty' }, { value: 'bare' }],
    image_url: 'https://x.org/i.png',
    actions: [{ type: 'button', text: 'Open', url: 'https://x.org/o' }],
    footer: 'tracker',
    ts: 1392734382,
  };
  assert.deepEqual(messageDoc({ text: 'see', attachments: [attachment] }).blocks, [
    p('see'),
    p('New ', t('issue', 'bold')),
    {
      type: 'quote',
      color: '#2eb886',
      blocks: [
        p(link('https://x.org/ann', t('Ann', 'bold'))),
        p(link('https://x.org/t', t('Title', 'bold'))),
        p('body ', t('c', 'code')),
        p(t('State', 'bold'), break_, t('open', 'bold')),
        p(t('Empty', 'bold')),
        p('bare'),
        p({ type: 'image', src: 'https://x.org/i.png', alt: 'image' }),
        p(link('https://x.org/o', '[Open]')),
        p('tracker | 2014-02-18 14:39 UTC'),
      ],
    },
  ]);
});

test('an attachment shows its blocks rather than its text, and its fallback rather than nothing', () => {
  const say = (attachment: object) => plainText(messageDoc({ attachments: [attachment] }));
  assert.equal(say({ text: 'short', blocks: [rich('long')], fallback: 'none' }), '> long');
  assert.equal(
    say({
      text: 'short',
      message_blocks: [{ team: 'T1', message: { blocks: [rich('shared')] } }],
      author_name: 'Ann',
    }),
    '> Ann\n> \n> shared',
  );
  assert.equal(say({ fallback: 'fall &amp; back' }), '> fall & back');
  assert.equal(say({ from_url: 'https://x.org' }), '> https://x.org');
  assert.equal(say({ id: 1 }), '> [attachment]');
  assert.equal(say({ pretext: 'only this' }), 'only this');
});

test('what is attached calls no channel, wherever it says so; the message itself may', () => {
  const quoted = {
    type: 'message',
    message: { blocks: [{ type: 'section', text: mrkdwn('<!channel> all') }] },
  };
  const attachments = [
    { text: '<!channel> all' },
    { pretext: '<!here> all', title: '<!everyone> all', title_link: 'https://example.org/', text: 'x' },
    { footer: '<!channel> all', text: 'x' },
    { is_share: true, is_msg_unfurl: true, author_name: 'Ann', message_blocks: [quoted] },
  ];
  for (const attachment of attachments) {
    const calls = collectMentions(messageDoc({ text: '<!here> own', attachments: [attachment] }));
    assert.deepEqual(
      calls.map((target) => target.type === 'everyone' && target.range),
      ['here'],
    );
  }
});

test('attachments stay apart from each other', () => {
  const attachments = [{ text: 'a' }, { text: 'b' }];
  assert.deepEqual(messageDoc({ attachments }).blocks, [quote(p('a')), quote(p('b'))]);
});
