/** Whom the strings try to call: real people and places of the scene. */
export interface Targets {
  /** A person in the room. */
  readonly matrixUser: string;
  readonly matrixName: string;
  readonly room: string;
  readonly slackUser: string;
  readonly channel: string;
}

const rightToLeft = '\u202E';
const zeroWidth = '\u200B';
const wordJoiner = '\u2060';

/** What each kind of attack looks like at its plainest. */
function kindsFor({ matrixUser, matrixName, room, slackUser, channel }: Targets): readonly string[] {
  const address = `https://matrix.to/#/${matrixUser}`;
  return [
    // calls, in Slack's notation and in words
    '<!channel>',
    '<!here|here>',
    '<!everyone>',
    '<!group>',
    `<@${slackUser}>`,
    `<@${slackUser}|Ben>`,
    `<#${channel}>`,
    `<#${channel}|town>`,
    '<!subteam^S0GROUP001|@ops>',
    '@channel',
    '@here and @everyone',
    `@${slackUser}`,
    // calls in Matrix
    '@room',
    matrixName,
    `@${matrixName}:`,
    matrixUser,
    address,
    `<a href="${address}">${matrixName}</a>`,
    `[${matrixName}](${address})`,
    `matrix:u/${matrixUser.slice(1)}`,
    `<a href="https://matrix.to/#/${room}">room</a>`,
    // links that lie, or run something
    '<https://evil.example/|https://good.example/>',
    '<mailto:evil@evil.example|write>',
    '<!date^0^{date}^https://evil.example/|now>',
    '[good](https://evil.example/)',
    '<javascript:alert(1)|press>',
    '[press](javascript:alert(1))',
    'javascript:alert(1)',
    'data:text/html,<b>x</b>',
    '<tel:+123|call>',
    // elements and attributes
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '"><h1 onclick="alert(1)">big</h1>',
    "' onmouseover='alert(1)",
    '</a></p></blockquote><iframe src=//evil.example>',
    '<mx-reply>someone said</mx-reply>',
    '<strong data-mx-profile-fallback>Bob: </strong>',
    '<!-- --><svg/onload=alert(1)>',
    // escapes
    '&lt;!channel&gt;',
    '&amp;lt;!channel&amp;gt;',
    '&#60;!channel&#62;',
    '\\<!channel\\>',
    '＜!channel＞',
    // marks
    '*bold* _slanted_ ~gone~ `code`',
    '```\ncode\n```',
    '> quoted',
    '# head',
    '1. item',
    '||hidden||',
    ':smile: :no_such_emoji:',
    // what can't be seen
    `${rightToLeft}gnp.exe`,
    `@${zeroWidth}room`,
    `<${wordJoiner}!channel>`,
    '<!chan\u0000nel>',
    '\u2028<!here>',
    `${matrixName}\u00AD\uFEFF`,
  ];
}

/** What may stand around it, so that another parser sees it. */
const dresses: readonly ((attack: string, other: string) => string)[] = [
  (attack) => attack,
  (attack, other) => `${attack} ${other}`,
  (attack) => `(${attack})`,
  (attack) => `*${attack}*`,
  (attack) => `<${attack}>`,
  (attack) => `"${attack}" title="`,
  (attack, other) => `${attack}${other}`,
  (attack) => `\`${attack}\``,
  (attack) => `${attack}|${attack}`,
  (attack) => `&${attack};`,
  (attack, other) => `_${attack}_\n${other}`,
  (attack) => attack.toUpperCase(),
  (attack) => `${attack}\n\n${attack}`,
  (attack, other) => `[${attack}](${other})`,
  (attack) => `<a>${attack}</a>`,
  (attack) => `${rightToLeft}${attack}`,
  (attack) => `:${attack}:`,
  (attack) => `> ${attack}`,
  (attack, other) => `<${other}|${attack}>`,
  (attack) => attack.replaceAll('<', '<<').replaceAll('>', '>>'),
  (attack) => `\`\`\`${attack}`,
  (attack) => Array.from(attack).join(zeroWidth),
  (attack) => `</code></pre>${attack}`,
  (attack, other) => `${other}, ${attack}!`,
];

/** So many different strings, the same in each run: every kind plain, then each of them in other dress. */
export function attacks(targets: Targets, count: number): readonly string[] {
  const kinds = kindsFor(targets);
  const found = new Set<string>();
  for (let turn = 0; found.size < count && turn < dresses.length * kinds.length; turn += 1) {
    const dress = dresses[turn % dresses.length];
    for (const [index, kind] of kinds.entries()) {
      const other = kinds[(index * 5 + turn * 11 + 3) % kinds.length] ?? '';
      if (dress && found.size < count) found.add(dress(kind, other));
    }
  }
  if (found.size < count) throw new Error(`There are ${found.size} attacks, not ${count}.`);
  return [...found];
}

/** Signs that nobody sees, or that turn the direction of what follows. */
export const unseen = /[\u00AD\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF\p{Cc}\u2028\u2029]/u;

/** Where the string of this index stands; those that hide something stand in names more often, where it deceives most. */
export function positionOf<Position extends { readonly isName?: boolean }>(
  positions: readonly Position[],
  index: number,
  attack: string,
): Position {
  const names = positions.filter(({ isName }) => isName);
  const from = unseen.test(attack) && index % 3 > 0 ? names : positions;
  const position = from[(index + Math.floor(index / from.length)) % from.length];
  if (!position) throw new Error('There are no positions.');
  return position;
}
