import type { SlackPlace } from '../events.ts';
import type { Doc, Inline } from '../format/doc.ts';
import { link, mention, normalise, paragraph, text } from '../format/doc.ts';
import { slackUserId } from '../ids.ts';
import type { Fields } from './fields.ts';
import { fieldsOf, maybe, textOf } from './fields.ts';

/** The call that a message of the subtype `huddle_thread` is about, as far as it is shown. */
interface Huddle {
  readonly ended: boolean;
  /** In whole minutes; absent while it lasts, and where Slack doesn't say it. */
  readonly minutes?: number;
}

/** Absent for a message that is about none. */
export function huddleOf(raw: Fields): Huddle | undefined {
  if (raw['subtype'] !== 'huddle_thread') return undefined;
  const room = fieldsOf(raw['room']);
  const { date_start: start, date_end: end } = room;
  const isOver = typeof end === 'number' && end > 0;
  const ended = room['has_ended'] === true || isOver;
  const minutes =
    isOver && typeof start === 'number' && end >= start ? Math.round((end - start) / 60) : undefined;
  return { ended, ...(minutes !== undefined && { minutes }) };
}

/**
 * The line that stands for a huddle: where to join, later how long it was, and who began it where that isn't its author.
 * Slack's own words for it say neither.
 * @see https://slack.com/help/articles/4402059015315-Use-huddles-in-Slack
 */
export function huddleDoc(place: SlackPlace, raw: Fields, { ended, minutes }: Huddle): Doc {
  const { created_by: creator } = fieldsOf(raw['room']);
  const by = creator === raw['user'] ? undefined : maybe(slackUserId, creator);
  const who: readonly Inline[] = by ? [text(' by '), mention({ type: 'slack-user', user: by })] : [];
  if (ended) return line(text('🎧 The huddle'), ...who, text(` ended${lengthLabel(minutes)}.`));
  return line(
    text('🎧 A huddle'),
    ...who,
    text(' is on: '),
    link(huddleAddress(place, raw), [text('join it in Slack')]),
  );
}

function huddleAddress({ team, channel }: SlackPlace, raw: Fields): string {
  const told = textOf(raw['permalink']) ?? '';
  return told.startsWith('https://app.slack.com/huddle/')
    ? told
    : `https://app.slack.com/huddle/${team}/${channel}`;
}

function lengthLabel(minutes: number | undefined): string {
  if (minutes === undefined) return '';
  return ` after ${minutes < 1 ? 'less than a minute' : minutesLabel(minutes)}`;
}

function minutesLabel(minutes: number): string {
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  const ofHour = rest === 1 ? '1 minute' : `${rest} minutes`;
  if (hours === 0) return ofHour;
  const inHours = hours === 1 ? '1 hour' : `${hours} hours`;
  return rest === 0 ? inHours : `${inHours} and ${ofHour}`;
}

function line(...children: readonly Inline[]): Doc {
  return normalise({ blocks: [paragraph(...children)] });
}
