/** Slack's localised dates, for readers whose time zone we don't know. */

const months = 'January February March April May June July August September October November December'.split(
  ' ',
);
const days = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');

/**
 * A date element as text: what its author gave as fallback, else the format with its tokens filled in for UTC. A
 * timestamp (seconds since 1970) that is none leaves the format as it stands.
 *
 * @see https://docs.slack.dev/messaging/formatting-message-text#date-formatting
 */
export function dateText(timestamp: number, format: string, fallback?: string): string {
  if (fallback) return fallback;
  const date = new Date(timestamp * 1000);
  if (Number.isNaN(date.getTime())) return format;
  const filled = format.replace(
    /\{([a-z_]{1,20})\}/g,
    (token, name: string) => tokenText(name, date) ?? token,
  );
  return filled === '' ? `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC` : filled;
}

function tokenText(name: string, date: Date): string | undefined {
  const iso = date.toISOString();
  const month = months[date.getUTCMonth()] ?? '';
  const weekday = days[date.getUTCDay()] ?? '';
  const day = date.getUTCDate();
  const year = date.getUTCFullYear();
  switch (name.replace(/_pretty$/, '')) {
    case 'date_num':
      return iso.slice(0, 10);
    case 'date_slash':
      return `${iso.slice(5, 7)}/${iso.slice(8, 10)}/${year}`;
    case 'date':
    case 'ago':
      return `${month} ${day}${ordinal(day)}, ${year}`;
    case 'date_short':
      return `${month.slice(0, 3)} ${day}, ${year}`;
    case 'date_long':
    case 'date_long_full':
      return `${weekday}, ${month} ${day}${ordinal(day)}, ${year}`;
    case 'day_divider':
      return `${weekday}, ${month} ${day}${ordinal(day)}`;
    case 'time':
      return `${iso.slice(11, 16)} UTC`;
    case 'time_secs':
      return `${iso.slice(11, 19)} UTC`;
    default:
      return undefined;
  }
}

function ordinal(day: number): string {
  if (day >= 11 && day <= 13) return 'th';
  return ['th', 'st', 'nd', 'rd'][day % 10] ?? 'th';
}
