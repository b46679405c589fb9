import assert from 'node:assert/strict';
import { test } from 'node:test';
import { break_, code, emoji, h, hr, link, mention, ol, p, quote, t, ul } from './notation.ts';
import type { Block } from '../../src/format/doc.ts';
import { parseHtml } from '../../src/format/html.ts';
import { matrixUserId, roomId } from '../../src/ids.ts';

const ann = matrixUserId('@ann:x.org');
const annPill = mention({ type: 'matrix-user', user: ann, label: 'Ann' });

const table: readonly (readonly [string, ...Block[]])[] = [
  ['hello', p('hello')],
  [''],
  [' \n a \n b&nbsp;&nbsp; c ', p('a b   c')],
  ['un&nbsp;! &lt;b&gt; &amp;amp; &#128075;', p('un\u00A0! <b> &amp; 👋')],
  [
    '<b>a</b><strong>b</strong> <i>i</i><em>e</em> <u>u</u> <s>s</s><del>d</del> <code>c  c</code>',
    p(
      t('ab', 'bold'),
      ' ',
      t('ie', 'italic'),
      ' ',
      t('u', 'underline'),
      ' ',
      t('sd', 'strike'),
      ' ',
      t('c  c', 'code'),
    ),
  ],
  ['<b>a<i>b</i></b>c', p(t('a', 'bold'), t('b', 'bold', 'italic'), 'c')],
  ['<b>open', p(t('open', 'bold'))],
  ['a</b></p></ul>b', p('ab')],
  ['<span data-mx-spoiler="why">x</span>', p('(why) ', t('x', 'spoiler'))],
  ['<font data-mx-color="#F00">x</font>', p({ type: 'text', text: 'x', marks: { color: '#ff0000' } })],
  [
    '<a href="https://x.org/?a=b&amp;c">x <b>y</b></a>',
    p(link('https://x.org/?a=b&c', 'x ', t('y', 'bold'))),
  ],
  ['<a href="mailto:ann@x.org">mail</a>', p(link('mailto:ann@x.org', 'mail'))],
  ['<a href="javascript:alert(1)">x</a> <a href="java\nscript:x">y</a> <a>z</a>', p('x y z')],
  ['<a href="https://x.org"></a>', p(link('https://x.org', 'https://x.org'))],
  ['<a href="https://matrix.to/#/@ann:x.org">Ann</a>: hi', p(annPill, ': hi')],
  ['<a href="https://matrix.to/#/%40ann%3Ax.org">@Ann</a>', p(annPill)],
  ['<a href="matrix:u/ann:x.org">Ann</a>', p(annPill)],
  ['<a href="https://matrix.to/#/@ann:x.org">@ann:x.org</a>', p(mention({ type: 'matrix-user', user: ann }))],
  [
    '<a href="https://matrix.to/#/!r:x.org?via=x.org&amp;via=y.org">R</a>',
    p(mention({ type: 'matrix-room', room: roomId('!r:x.org'), via: ['x.org', 'y.org'], label: 'R' })),
  ],
  [
    '<a href="https://matrix.to/#/!v12opaque">R</a>',
    p(mention({ type: 'matrix-room', room: roomId('!v12opaque'), label: 'R' })),
  ],
  [
    '<a href="matrix:roomid/v12opaque?via=x.org">R</a>',
    p(mention({ type: 'matrix-room', room: roomId('!v12opaque'), via: ['x.org'], label: 'R' })),
  ],
  [
    '<a href="https://matrix.to/#/#gen:x.org">#gen:x.org</a>',
    p(mention({ type: 'matrix-alias', alias: '#gen:x.org' })),
  ],
  [
    '<a href="matrix:r/gen:x.org">general</a>',
    p(mention({ type: 'matrix-alias', alias: '#gen:x.org', label: 'general' })),
  ],
  ['<a href="https://matrix.to/#/!r:x.org/$e">msg</a>', p(link('https://matrix.to/#/!r:x.org/$e', 'msg'))],
  ['<a href="matrix:roomid/r:x.org/e/abc">msg</a>', p(link('https://matrix.to/#/!r:x.org/%24abc', 'msg'))],
  ['<a href="https://matrix.to/#/nonsense">x</a>', p(link('https://matrix.to/#/nonsense', 'x'))],
  ['<p>a</p><p>b<br>c</p>', p('a'), p('b', break_, 'c')],
  ['a<br><br>b', p('a'), p('b')],
  ['<div>a</div><div>b</div>', p('a', break_, 'b')],
  ['<h1>T</h1>a<h6>U</h6>', h(1, 'T'), p('a'), { type: 'heading', level: 6, children: [t('U')] }],
  ['a<hr>b', p('a'), hr, p('b')],
  [
    '<ul>\n<li>a</li>\n<li>b<ol start="3"><li>c</li></ol></li>\n</ul>',
    ul([p('a')], [p('b'), ol(3, [p('c')])]),
  ],
  ['<ol><li>a<li>b</ol>', ol(1, [p('a')], [p('b')])],
  ['<ul>a<ul><li>b</li></ul></ul>', ul([p('a'), ul([p('b')])])],
  ['<li>a</li><li>b</li>', p('a', break_, 'b')],
  ['<ul><li><p>a</p><p>b</p></li></ul>', ul([p('a'), p('b')])],
  ['<blockquote><p>a</p><blockquote>b</blockquote></blockquote>c', quote(p('a'), quote(p('b'))), p('c')],
  [
    '<pre><code class="language-rust">\nfn a&lt;T&gt;() {}\n  b\n</code></pre>',
    code('fn a<T>() {}\n  b', 'rust'),
  ],
  ['<pre>a<br>b <b>c</b></pre>', code('a\nb c')],
  [
    '<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1</td><td><b>2</b></td></tr></tbody></table>',
    { type: 'table', header: [[t('a')], [t('b')]], rows: [[[t('1')], [t('2', 'bold')]]] },
  ],
  ['<table><tr><td><ul><li>x</ul><td>y</table>', { type: 'table', rows: [[[t('• x')], [t('y')]]] }],
  ['<details><summary>S</summary>a</details>', quote(p(t('S', 'bold')), p('a'))],
  [
    '<img src="mxc://x.org/a" alt=":blob:" data-mx-emoticon>',
    p({ ...emoji('blob'), image: 'mxc://x.org/a' }),
  ],
  [
    '<img src="mxc://x.org/a" alt="cat"><img src="data:x" title="dog">',
    p({ type: 'image', src: 'mxc://x.org/a', alt: 'cat' }, { type: 'image', alt: 'dog' }),
  ],
  [
    'x<sup>2</sup>, H<sub>2</sub>O, x<sup>n</sup>, e<sup>iπ</sup>, a<sub>ij</sub>, 1<sup>st</sup>, so<sup>[1]</sup>',
    p('x², H₂O, x^n, e^(iπ), a_(ij), 1st, so[1]'),
  ],
  ['<b>x<sup>2</sup></b>3', p(t('x²', 'bold'), '3')],
  ['so <span data-mx-maths="a^2"><span>a</span>²</span>!', p('so ', t('a^2', 'code'), '!')],
  ['so<br data-mx-maths="x">rest <b>of</b> it', p('so', break_, 'rest ', t('of', 'bold'), ' it')],
  ['so<div data-mx-maths="\\sum a"><div>Σ</div>a</div>b', p('so'), code('\\sum a'), p('b')],
  ['<table><caption>C</caption><tr><td>1</td></tr></table>', p('C'), { type: 'table', rows: [[[t('1')]]] }],
  ['<mx-reply><blockquote>old</blockquote></mx-reply>new', p('new')],
  ['<mx-reply>without an end', p('without an end')],
  ['a<script>x<b>y</b></script><style>p{}</style><!-- c -->b', p('ab')],
  ['<marquee>a</marquee><x-y onclick="z">b</x-y>', p('ab')],
  ['<input type="checkbox" checked>done', p('☑ done')],
  ['<p>a <b>b<p>c', p('a ', t('b', 'bold')), p('c')],
  [
    '<a href="https://x.org"><p>a</p><p>b</p></a>',
    p(link('https://x.org', 'a')),
    p(link('https://x.org', 'b')),
  ],
  ['1 < 2 && 3 > 2', p('1 < 2 && 3 > 2')],
  ['<b'],
];

for (const [html, ...blocks] of table) {
  test(`${JSON.stringify(html)} is read as clients show it`, () => {
    assert.deepEqual(parseHtml(html), { blocks });
  });
}
