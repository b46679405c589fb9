/** The messages that one side has seen, in the order in which it saw them. Each text is sent once in a run. */
export interface Arrivals {
  /** @param at by `performance.now()`. */
  note(place: string, text: string, at: number): void;
  /** When the text was first seen; absent when it isn't within `timeout` milliseconds. */
  waitFor(text: string, timeout: number): Promise<number | undefined>;
  /** What was seen in a place, repetitions too. */
  texts(place: string): readonly string[];
}

export function createArrivals(): Arrivals {
  const first = new Map<string, number>();
  const places = new Map<string, string[]>();
  const waiting = new Map<string, (at: number) => void>();

  return {
    note(place, text, at) {
      const texts = places.get(place) ?? [];
      texts.push(text);
      places.set(place, texts);
      if (first.has(text)) return;
      first.set(text, at);
      waiting.get(text)?.(at);
    },
    async waitFor(text, timeout) {
      const known = first.get(text);
      if (known !== undefined) return known;
      const seen = Promise.withResolvers<number | undefined>();
      const timer = setTimeout(() => seen.resolve(undefined), timeout);
      waiting.set(text, seen.resolve);
      const at = await seen.promise;
      clearTimeout(timer);
      waiting.delete(text);
      return at;
    },
    texts: (place) => places.get(place) ?? [],
  };
}
