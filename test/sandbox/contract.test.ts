import { contractChecks } from './contract-checks.ts';
import { startTeam } from './start.ts';

contractChecks(async (context) => {
  const { sandbox, client, app, channel } = await startTeam(context);
  const pause = () => Promise.resolve();
  return { client, appToken: app.appToken, apiUrl: sandbox.apiUrl, channel: channel.id, pause };
});
