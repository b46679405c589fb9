import type { IntakePort } from '../queue/ports.ts';

/**
 * The intake, watched: once events can be stored again after some could not, `storedAgain` is called with how long that
 * was, in milliseconds. Slack repeats an event that isn't acknowledged for some six minutes only.
 */
export function watchStoring(intake: IntakePort, storedAgain: (away: number) => void): IntakePort {
  let since: number | undefined;
  return {
    async store(deliveries) {
      try {
        await intake.store(deliveries);
      } catch (error) {
        since ??= performance.now();
        throw error;
      }
      if (since === undefined) return;
      const away = performance.now() - since;
      since = undefined;
      storedAgain(away);
    },
  };
}
