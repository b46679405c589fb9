import type { ParentKey } from '../../../src/errors.ts';
import type { LetterNotices, SentNotice } from '../../../src/portal/dead-letter-ports.ts';

/** Notices about dead letters, by what these are about. */
export class MemoryLetters implements LetterNotices {
  readonly about = new Map<ParentKey, readonly SentNotice[]>();

  noticesAbout: LetterNotices['noticesAbout'] = async (subject) => this.about.get(subject);
  removeAbout: LetterNotices['removeAbout'] = async (subject) => {
    this.about.delete(subject);
  };
}
