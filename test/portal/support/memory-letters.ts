import type { ParentKey } from '../../../src/errors.ts';
import type { EventId } from '../../../src/ids.ts';
import type {
  LetterNotices,
  LetterRetries,
  RetriableLetter,
  SentNotice,
} from '../../../src/portal/dead-letter-ports.ts';

/** Dead letters and notices about them, by what these are about. */
export class MemoryLetters implements LetterNotices, LetterRetries {
  readonly about = new Map<ParentKey, readonly SentNotice[]>();
  readonly on = new Map<EventId, readonly RetriableLetter[]>();
  readonly retried: { readonly seq: number; readonly by: string }[] = [];

  noticesAbout: LetterNotices['noticesAbout'] = async (subject) => this.about.get(subject);
  removeAbout: LetterNotices['removeAbout'] = async (subject) => {
    this.about.delete(subject);
  };
  lettersOn: LetterRetries['lettersOn'] = async (_, event) => this.on.get(event) ?? [];
  retry: LetterRetries['retry'] = async (letters, { by }) => {
    this.retried.push(...letters.map(({ seq }) => ({ seq, by })));
  };
}
