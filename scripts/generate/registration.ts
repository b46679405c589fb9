import { bridgeComment } from '../../src/bridge/register.ts';
import { toYaml } from '../../src/config/yaml-file.ts';
import { makeRegistrations } from '../../src/matrix/registration.ts';

/** registration.example.yaml: what generate-registration writes, without real tokens. */
export function exampleRegistration(): string {
  const { bridge } = makeRegistrations({
    domain: 'example.org',
    url: 'http://127.0.0.1:9993',
    bot: 'slackbot',
    ghostPrefix: 'slack_',
  });
  const withoutSecrets = {
    ...bridge,
    as_token: 'made by generate-registration',
    hs_token: 'made by generate-registration',
    sender_localpart: 'slackbot.sender.00000000',
  };
  return toYaml(
    withoutSecrets,
    `${bridgeComment}\n\nAn example: "npm start -- generate-registration" makes yours.`,
  );
}
