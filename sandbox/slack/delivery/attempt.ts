import type { Delivery } from './envelope.ts';

/** One try to bring an event to an app. `retry` is absent on the first. */
export interface Attempt {
  readonly delivery: Delivery;
  readonly retry: { readonly number: number; readonly reason: string } | undefined;
}

/** `reason`: Slack's word for why it tries again. `noRetry`: the app asked for no more tries. */
export type Outcome =
  { readonly ok: true } | { readonly ok: false; readonly reason: string; readonly noRetry: boolean };
