import assert from 'node:assert/strict';
import { test } from 'node:test';
import { break_, code, emoji, link, mention, p, quote, t } from './notation.ts';
import type { Block } from '../../src/format/doc.ts';
import { parseMrkdwn } from '../../src/format/mrkdwn.ts';
import { channelId, slackUserId, usergroupId } from '../../src/ids.ts';

const ann = slackUserId('U123');
const general = channelId('C123');

const table: readonly (readonly [string, ...Block[]])[] = [
  ['hello', p('hello')],
  [''],
  ['<@U123>', p(mention({ type: 'slack-user', user: ann }))],
  ['<@U123|ann>', p(mention({ type: 'slack-user', user: ann, label: 'ann' }))],
  ['<@W123|ann>', p(mention({ type: 'slack-user', user: slackUserId('W123'), label: 'ann' }))],
  ['<@nobody>', p('<@nobody>')],
  ['<#C123|general>', p(mention({ type: 'slack-channel', channel: general, label: 'general' }))],
  ['<#C123|>', p(mention({ type: 'slack-channel', channel: general }))],
  ['<!subteam^S123|@ops>', p(mention({ type: 'usergroup', usergroup: usergroupId('S123'), label: 'ops' }))],
  ['<!here>', p(mention({ type: 'everyone', range: 'here' }))],
  ['<!channel|channel>', p(mention({ type: 'everyone', range: 'channel' }))],
  ['<!everyone>', p(mention({ type: 'everyone', range: 'everyone' }))],
  ['<!date^1392734382^{date_num} {time}|18 Feb>', p('18 Feb')],
  ['<!date^1392734382^on {date_num} at {time_secs}>', p('on 2014-02-18 at 14:39:42 UTC')],
  ['<!date^1392734382^{date_short}^https://x.org>', p(link('https://x.org', t('Feb 18, 2014')))],
  ['<!date^soon^{date}>', p('{date}')],
  ['<https://x.org/a?b=1&amp;c=2>', p(link('https://x.org/a?b=1&c=2', t('https://x.org/a?b=1&c=2')))],
  ['<https://x.org|the &lt;site&gt;>', p(link('https://x.org', t('the <site>')))],
  ['<mailto:ann@x.org|ann@x.org>', p(link('mailto:ann@x.org', t('ann@x.org')))],
  ['<tel:+3212|+3212>', p('+3212')],
  ['<javascript:alert(1)|free>', p('free (javascript:alert(1))')],
  ['a &lt;b&gt; &amp;amp; &quot;', p('a <b> &amp; &quot;')],
  ['&amp;lt;', p('&lt;')],
  ['a < b > c << <', p('a < b > c << <')],
  ['<foo|bar>', p('<foo|bar>')],
  ['*b* _i_ ~s~ `c`', p(t('b', 'bold'), ' ', t('i', 'italic'), ' ', t('s', 'strike'), ' ', t('c', 'code'))],
  ['*b _bi_*', p(t('b ', 'bold'), t('bi', 'bold', 'italic'))],
  ['*a\nb*', p('*a', break_, 'b*')],
  ['2*3*4 snake_case_name', p('2*3*4 snake_case_name')],
  ['* a * b', p('* a * b')],
  ['**', p('**')],
  ['**as in Markdown**', p('**as in Markdown**')],
  ['*_crossed*_', p(t('_crossed', 'bold'), '_')],
  ['¯\\_(ツ)_/¯', p('¯\\_(ツ)_/¯')],
  ['*<https://x.org|y>*', p(link('https://x.org', t('y', 'bold')))],
  ['`*no* <https://x.org|y> &lt;`', p(t('*no* y <', 'code'))],
  ['`<https://x.org|0a1b>` `<@U123>`', p(link('https://x.org', t('0a1b', 'code')), ' ', t('@U123', 'code'))],
  ['<https://x.org|`0a1b`>', p(link('https://x.org', t('0a1b', 'code')))],
  ['`` `', p('`` `')],
  [':wave::skin-tone-3: :no_such:', p(emoji('wave::skin-tone-3', '👋🏼'), ' ', emoji('no_such'))],
  ['at 10:30:45', p('at 10:30:45')],
  ['```a &lt; *b*\nc```', code('a < *b*\nc')],
  ['x ```\n<https://x.org>\n``` y', p('x '), code('https://x.org'), p(' y')],
  ['```open', p('```open')],
  ['``````', p('``````')],
  ['&gt; q\n&gt;r\ns', quote(p('q', break_, 'r')), p('s')],
  ['> q', quote(p('q'))],
  ['a\n&gt;&gt;&gt; b\nc', p('a'), quote(p('b', break_, 'c'))],
  ['a\nb\n\nc', p('a', break_, 'b'), p('c')],
  ['a\r\nb', p('a', break_, 'b')],
  ['• one\n• two', p('• one', break_, '• two')],
];

for (const [source, ...blocks] of table) {
  test(`${JSON.stringify(source)} is read as Slack shows it`, () => {
    assert.deepEqual(parseMrkdwn(source), { blocks });
  });
}
