import type { Config } from '../config.ts';
import type { Logger } from '../log.ts';
import { atMost } from '../slack/at-most.ts';
import type { CatchUpParts } from '../slack/catch-up.ts';
import type { SlackAdapter } from '../slack/start.ts';
import type { Store } from '../store/open-store.ts';
import type { Meters } from './meters.ts';
import { LookLoop } from './look-loop.ts';
import { watchMissedChats } from './missed-chats.ts';
import { lookAt } from './slack-looks.ts';
import { startSlackCatchUp } from './slack-catch-up.ts';
import type { SlackCatchUp } from './slack-catch-up.ts';

const stopWithin = 1000;

interface Parts {
  readonly store: Pick<Store, 'catchUp' | 'intake' | 'portals' | 'puppets' | 'shown'>;
  readonly slack: SlackAdapter;
  readonly meters: Pick<Meters, 'history' | 'foundInSlack'>;
}

/** Has Slack's channels read whenever events may be missing. Before `slack.listen`: the first gap ends there. */
export async function readSlackHistory(config: Config, log: Logger, parts: Parts): Promise<SlackCatchUp> {
  const { store, slack, meters } = parts;
  const { intake, shown } = store;
  const { days, sweep_hours: sweepHours } = config.slack.catch_up;
  const looks = new LookLoop({
    portals: store.portals,
    look: (portal, patience) => lookAt({ intake, shown, readPins: slack.readPins }, portal, patience),
    log,
  });
  const catchUp = await startSlackCatchUp({
    parts: slackParts(log, parts),
    store: store.catchUp,
    portals: store.portals,
    hearing: () =>
      slack
        .health()
        .filter(({ sockets }) => sockets !== 0)
        .map(({ team }) => team),
    days,
    sweepHours,
    look: (portal) => looks.want(portal),
    count: (outcome) => meters.history('slack', outcome, 0),
    log,
  });
  store.portals.whenChosen((portal) => looks.want(portal));
  const chats = watchMissedChats({ store, findChats: slack.missedChats, log });
  slack.watchGaps({
    connected: (teams, away) => {
      chats.connected(teams, away);
      catchUp.connected(teams, away);
    },
    missed: (team) => catchUp.missed(team),
  });
  // a call under way keeps nobody from stopping: what comes of it is found again
  const stop = async (): Promise<void> =>
    void (await Promise.all([catchUp.stop(), chats.stop(), atMost(stopWithin, looks.stop())]));
  return { ...catchUp, stop };
}

/** What one reading of a channel works with. */
export function slackParts(log: Logger, { store, slack, meters }: Parts): CatchUpParts {
  return {
    history: slack.history,
    store: store.catchUp,
    intake: store.intake,
    slack,
    found: meters.foundInSlack,
    log,
  };
}
