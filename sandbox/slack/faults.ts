import { newSecret } from './ids.ts';
import { seededRandom } from './random.ts';

/** What goes wrong with a Web API call. `applied`: the call still has its effect. Times in milliseconds. */
export type ApiFault =
  | { readonly type: 'rate_limited'; readonly retryAfterSeconds: number }
  | { readonly type: 'http_error'; readonly status: number; readonly applied: boolean }
  /** No answer; after `ms` the connection is cut. */
  | { readonly type: 'timeout'; readonly applied: boolean; readonly ms: number }
  | { readonly type: 'reset'; readonly applied: boolean }
  /** 200 with `ok: false`. */
  | { readonly type: 'slack_error'; readonly error: string; readonly applied: boolean }
  | { readonly type: 'slow'; readonly ms: number }
  /** The events that the call causes are delivered (once tried) before its answer is sent. */
  | { readonly type: 'event_first' };

/** What goes wrong with an event on its way to an app. */
export type EventFault =
  | { readonly type: 'drop' }
  | { readonly type: 'delay'; readonly ms: number }
  | { readonly type: 'duplicate'; readonly copies: number; readonly ms: number }
  /** Held back until `events` younger ones have gone out, or `ms` have passed. */
  | { readonly type: 'reorder'; readonly events: number; readonly ms: number }
  /** Sent once to `copies` times, each at a time of its own within `ms`, by the seeded generator. */
  | { readonly type: 'scatter'; readonly copies: number; readonly ms: number };

/** What goes wrong when a file or a thumbnail is fetched. Sizes in bytes. */
export type DownloadFault =
  /** 200 with nothing in it. */
  | { readonly type: 'empty' }
  /** `Content-Length` is off by so much. */
  | { readonly type: 'wrong_length'; readonly by: number }
  | { readonly type: 'slow'; readonly bytesPerSecond: number }
  /** After so many bytes nothing more comes, and the connection stays open. */
  | { readonly type: 'stall'; readonly after: number }
  | { readonly type: 'break'; readonly after: number }
  /** Goes on and on, without a length. */
  | { readonly type: 'endless' }
  /** A compressed answer that unfolds to so many bytes. */
  | { readonly type: 'gzip_bomb'; readonly bytes: number }
  | { readonly type: 'redirect'; readonly location: string; readonly status: number }
  | { readonly type: 'sign_in_page' }
  | { readonly type: 'content_type'; readonly value: string }
  /** The whole file, whatever range is asked for. */
  | { readonly type: 'ignore_range' }
  | { readonly type: 'http_error'; readonly status: number; readonly retryAfterSeconds?: number | undefined };

/** What goes wrong when bytes are sent to an upload's address. */
export type UploadFault =
  | { readonly type: 'http_error'; readonly status: number; readonly retryAfterSeconds?: number | undefined }
  /** The connection is reset after so many bytes. */
  | { readonly type: 'break'; readonly after: number }
  | { readonly type: 'slow'; readonly bytesPerSecond: number }
  /** All is taken, and then the connection is reset. */
  | { readonly type: 'lost_answer' }
  | { readonly type: 'redirect'; readonly location: string; readonly status: number };

/** Which calls or events a rule is about; what isn't named matches all. */
export interface FaultMatch {
  readonly method?: string | undefined;
  readonly eventType?: string | undefined;
  readonly subtype?: string | undefined;
  readonly team?: string | undefined;
  readonly channel?: string | undefined;
  readonly user?: string | undefined;
  /** Of downloads and uploads: a file's id and name, and which of its contents. */
  readonly file?: string | undefined;
  readonly name?: string | undefined;
  readonly part?: FilePart | undefined;
  /** The first matches that are left alone. */
  readonly skip?: number | undefined;
  /** How often the rule acts before it is gone; without it, always. */
  readonly count?: number | undefined;
  /** From 0 to 1, by the seeded generator; without it 1. */
  readonly probability?: number | undefined;
}

export type FaultRule = { readonly id: string; readonly match: FaultMatch } & (
  | { readonly on: 'api'; readonly fault: ApiFault }
  | { readonly on: 'event'; readonly fault: EventFault }
  | { readonly on: 'download'; readonly fault: DownloadFault }
  | { readonly on: 'upload'; readonly fault: UploadFault }
);

export type FilePart = 'file' | 'thumbnail';

export type NewFaultRule = FaultRule extends infer Rule
  ? Rule extends FaultRule
    ? Omit<Rule, 'id'>
    : never
  : never;

/** What a call, an event or a transfer shows to the rules. */
export interface FaultSubject {
  readonly method?: string | undefined;
  readonly eventType?: string | undefined;
  readonly subtype?: string | undefined;
  readonly team?: string | undefined;
  readonly channel?: string | undefined;
  readonly user?: string | undefined;
  readonly file?: string | undefined;
  readonly name?: string | undefined;
  readonly part?: FilePart | undefined;
}

interface Counted {
  readonly rule: FaultRule;
  seen: number;
  acted: number;
}

/** The rules in the order in which they were added; the first that matches and passes its dice acts. */
export class Faults {
  #rules: Counted[] = [];
  #random = seededRandom(1);

  add(rule: NewFaultRule): FaultRule {
    const added: FaultRule = { ...rule, id: newSecret(6) };
    this.#rules.push({ rule: added, seen: 0, acted: 0 });
    return added;
  }

  /** Removes one rule, or all. */
  clear(id?: string): void {
    this.#rules = id === undefined ? [] : this.#rules.filter(({ rule }) => rule.id !== id);
  }

  list(): readonly (FaultRule & { readonly acted: number })[] {
    return this.#rules.map(({ rule, acted }) => Object.assign({}, rule, { acted }));
  }

  seed(seed: number): void {
    this.#random = seededRandom(seed);
  }

  forCall(subject: FaultSubject): ApiFault | undefined {
    const rule = this.#next('api', subject);
    return rule?.on === 'api' ? rule.fault : undefined;
  }

  forEvent(subject: FaultSubject): EventFault | undefined {
    const rule = this.#next('event', subject);
    return rule?.on === 'event' ? rule.fault : undefined;
  }

  forDownload(subject: FaultSubject): DownloadFault | undefined {
    const rule = this.#next('download', subject);
    return rule?.on === 'download' ? rule.fault : undefined;
  }

  forUpload(subject: FaultSubject): UploadFault | undefined {
    const rule = this.#next('upload', subject);
    return rule?.on === 'upload' ? rule.fault : undefined;
  }

  /** When each copy of a scattered event is sent, in milliseconds from now. */
  scattered({ copies, ms }: Extract<EventFault, { readonly type: 'scatter' }>): readonly number[] {
    return Array.from({ length: 1 + Math.floor(this.#random() * copies) }, () => this.#random() * ms);
  }

  #next(on: FaultRule['on'], subject: FaultSubject): FaultRule | undefined {
    for (const counted of this.#rules) {
      const { rule } = counted;
      if (rule.on !== on || !matches(rule.match, subject)) continue;
      counted.seen += 1;
      if (counted.seen <= (rule.match.skip ?? 0)) continue;
      if (this.#random() >= (rule.match.probability ?? 1)) continue;
      counted.acted += 1;
      if (counted.acted >= (rule.match.count ?? Infinity)) this.clear(rule.id);
      return rule;
    }
    return undefined;
  }
}

const MATCHED = [
  'method',
  'eventType',
  'subtype',
  'team',
  'channel',
  'user',
  'file',
  'name',
  'part',
] as const;

function matches(match: FaultMatch, subject: FaultSubject): boolean {
  return MATCHED.every((field) => match[field] === undefined || match[field] === subject[field]);
}
