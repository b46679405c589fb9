import type { Clock } from '../clock.ts';
import type { Settings } from '../settings.ts';

const HOUR_MS = 3_600_000;

/**
 * Counts a team's events. `announce`: the limit is reached, and the app hasn't been told in this minute yet.
 * @see https://docs.slack.dev/apis/events-api/#rate-limiting
 */
export function createEventQuota(
  clock: Clock,
  settings: Settings,
): (teamId: string) => 'allowed' | 'announce' | 'refused' {
  const counts = new Map<string, { hour: number; events: number; announcedMinute: number }>();
  return (teamId) => {
    if (!settings.rateLimits) return 'allowed';
    const hour = Math.floor(clock.now() / HOUR_MS);
    let count = counts.get(teamId);
    if (count?.hour !== hour) {
      count = { hour, events: 0, announcedMinute: -1 };
      counts.set(teamId, count);
    }
    count.events += 1;
    if (count.events <= settings.eventsPerHour) return 'allowed';
    const minute = Math.floor(clock.now() / 60_000);
    if (count.announcedMinute === minute) return 'refused';
    count.announcedMinute = minute;
    return 'announce';
  };
}
