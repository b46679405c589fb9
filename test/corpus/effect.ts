/** What the bridge did because of an event: one request, or why there was none. In the order in which it reads well. */
export type Effect = Readonly<Record<string, unknown>>;
