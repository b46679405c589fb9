import { loadConfig } from '../config.ts';
import type { Arguments } from './arguments.ts';
import type { Surroundings } from './surroundings.ts';

/** Makes the registration files and says what to do with them. */
export async function generateRegistration(args: Arguments, { env, out }: Surroundings): Promise<number> {
  const config = loadConfig(args.config, env);
  const { writeRegistrations } = await import('../bridge/register.ts');
  const files = await writeRegistrations(config, args);
  const { appservice, homeserver } = config;
  out(`Wrote ${files.bridge}
  and ${files.puppets}

Next:
  1. Give both to the homeserver. Synapse: name them in homeserver.yaml and make them readable for Synapse's account:
       app_service_config_files:
         - ${files.bridge}
         - ${files.puppets}
  2. Restart the homeserver. It has to reach the bridge at ${appservice.url}.
  3. Start the bridge: npm start -- run -c ${args.config}
  4. In your Matrix client, start a chat with @${appservice.bot}:${homeserver.domain} and say help.`);
  return 0;
}
