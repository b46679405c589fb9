/** How a failure is told to those whom it concerns: by a notice of its own, by one for all that follow, or not at all. */
export type Telling = 'own' | 'summary' | 'silent';

export interface NoticeThrottle {
  /** `place` is who would read it; the same `seq` gets the same answer. */
  next(place: string, seq: number): Telling;
}

/** So many in so long a time have a notice of their own, in milliseconds. */
const mostOwn = 3;
const window = 60_000;
/** Places that are remembered; more fail at once only where everybody sees it anyway. */
const mostPlaces = 1000;

interface Place {
  readonly since: number;
  readonly told: Map<number, Telling>;
}

export function createNoticeThrottle(now: () => number): NoticeThrottle {
  const places = new Map<string, Place>();
  return {
    next(name, seq) {
      const known = places.get(name);
      const place: Place = known && now() - known.since < window ? known : { since: now(), told: new Map() };
      if (place !== known) {
        places.delete(name);
        if (places.size >= mostPlaces) places.clear();
        places.set(name, place);
      }
      const before = place.told.get(seq);
      if (before !== undefined) return before;
      const telling = tellingOf(place.told.size);
      if (telling !== 'silent') place.told.set(seq, telling);
      return telling;
    },
  };
}

function tellingOf(before: number): Telling {
  if (before < mostOwn) return 'own';
  return before === mostOwn ? 'summary' : 'silent';
}
