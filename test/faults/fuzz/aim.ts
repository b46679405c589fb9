import type { LinkedRoom, Scene } from '../../support/bridge.ts';
import { ghostOf } from '../../support/bridge/matrix-side.ts';
import { bytesOf } from '../../fuzz/corpus.ts';
import type { Input } from '../../fuzz/corpus.ts';

/** Where an input goes: the corpus' people and places stand for these. */
export interface Aim extends LinkedRoom {
  /** An event of the room that Slack has, too. */
  readonly parent: string;
}

/** The input's bytes with the scene's ids in place of the corpus' ones; its own ids and times are its own in the run. */
export function aimed(
  { slack, homeserver, slot, alice, bob, bot }: Scene,
  aim: Aim,
  input: Input,
  number: number,
): Buffer {
  const at = Math.floor(Date.now() / 1000) - 100_000 + number;
  const names: readonly (readonly [string, string])[] = [
    ['T0ACME0001', slack.team.id],
    ['A0BRIDGE01', slack.app.id],
    ['C0TOWN0001', aim.channel.id],
    ['U0ANN00001', slack.ann],
    ['U0BEN00001', slack.ben],
    ['Ev0', `Ev0${number}X`],
    ['!town:example.org', aim.room],
    ['@alice:example.org', alice.userId],
    ['@bob:example.org', bob.userId],
    ['@slackbot:example.org', bot],
    ['@slack_u0ann00001:example.org', ghostOf({ slot, homeserver }, slack.ann)],
    ['$parentAbCdEfGhIjKlMnOpQrStUvWxYz-_012345678', aim.parent],
    ['$fuzz', `$fuzz${number}x`],
    ['$deep', `$deep${number}x`],
  ];
  const text = bytesOf(input).toString('latin1'); // every byte as it is
  const renamed = names.reduce((value, [from, to]) => value.replaceAll(from, to), text);
  const timed = renamed.replaceAll(
    /1700000(\d{3})\.(\d{3})\d{3}/g,
    (_, second, part) => `${at}.${part}${second}`,
  );
  return Buffer.from(timed, 'latin1');
}

/** Whether it says that the bridge's app is gone: Slack says that only when it is true, and then everything pauses (R21). */
export function endsTheApp(bytes: Buffer): boolean {
  return /tokens_revoked|app_uninstalled/.test(bytes.toString('latin1'));
}

/**
 * Whether it may steer what it is about: the state of a room, what happens to a channel, a command. Such inputs may pause a
 * portal for good reasons.
 */
export function steers(bytes: Buffer): boolean {
  const text = bytes.toString('latin1');
  return /"type":"(?:channel|group|member)_|state_key|"(?:body|formatted_body)":"[^"]{0,200}!slack/.test(
    text,
  );
}
