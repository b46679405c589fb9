import { z } from 'zod';
import { readNameTemplate } from '../name-template.ts';

/**
 * The shape of config.yaml: what may stand in it, its defaults, and, as metadata, the words and examples from which
 * the sample, the table in docs/ and the error messages are made. What needs more than one key is in checks.ts.
 *
 * Metadata: `description`, `examples[0]` (the value in the sample), `optional: true` (commented out in the sample),
 * `secret: true` (may come from a file or the environment, never shown).
 */

const text = () => z.string().min(1, 'must not be empty');
const port = () => z.int().min(0).max(65535);
const host = () =>
  text().regex(/^[^\s/]+$/, 'must be a host name or an address, without http:// and without a path');
const httpUrl = () =>
  z.url({ protocol: /^https?$/, error: 'must be an address that begins with http:// or https://' });
const localpart = () =>
  text().regex(
    /^[a-z0-9._=/+-]+$/,
    'may hold small letters, digits and . _ = - / + only (it becomes part of user ids)',
  );
const serverName = /^(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/;
const userId = /^@[^\s:]+:[^\s]+$/;

/** A secret and its way through a file. */
function secret(name: string, description: string, example: string, optional: boolean) {
  const inline = text()
    .optional()
    .meta({ description, examples: [example], secret: true, optional });
  const file = text()
    .optional()
    .meta({ description: `A file that holds ${name} instead.`, examples: [`./${name}`], optional: true });
  return { inline, file };
}

const adminToken = secret(
  'admin_token',
  "An administrator's access token for Synapse's admin API: with it, files that are deleted in Slack are deleted on the homeserver, too. Left out: the message goes, its media stays for whoever knows the address.",
  'syt_replace-me',
  true,
);

const homeserver = z
  .strictObject({
    url: httpUrl().meta({
      description: 'Where the homeserver answers this bridge (its client-server API).',
      examples: ['http://localhost:8008'],
    }),
    domain: text()
      .regex(serverName, 'must be a server name such as example.org')
      .meta({
        description: 'Its server name: what stands after the colon in user ids.',
        examples: ['example.org'],
      }),
    admin_token: adminToken.inline,
    admin_token_file: adminToken.file,
  })
  .meta({ description: 'The Matrix homeserver.' });

const appservice = z
  .strictObject({
    host: host().default('127.0.0.1').meta({ description: 'Where to listen for the homeserver.' }),
    port: port().default(9993),
    url: httpUrl()
      .optional()
      .meta({
        description:
          'How the homeserver reaches that; goes into the registration. Left out: http://, then host and port.',
        examples: ['http://127.0.0.1:9993'],
        optional: true,
      }),
    registration: text().default('./registration.yaml').meta({
      description: 'The registration file, made by generate-registration; the homeserver reads a copy of it.',
    }),
    puppets_registration: text().default('./registration.puppets.yaml').meta({
      description:
        'A second one, with which what linked people write in Slack appears under their own Matrix accounts (double puppets). Without the file they have ghosts there like everybody else.',
    }),
    bot: localpart()
      .default('slackbot')
      .meta({ description: "The bot's user name: people invite it and give it commands." }),
    ghost_prefix: localpart().default('slack_').meta({
      description:
        "How the user names of ghosts begin: the Matrix users that stand for Slack's. Never change it later.",
    }),
    ghost_name: z
      .string()
      .superRefine((template, context) => {
        const read = readNameTemplate(template);
        if (typeof read === 'string') context.addIssue({ code: 'custom', message: read });
      })
      .default('{name}[ ({org})][ ({deactivated})]')
      .meta({
        description:
          'What ghosts are called: {name} (what Slack shows), {real_name}, {username}, {title}, {org} (the organisation of people of another one), {bot} (“app”, of apps), {status} (their status emoji: each change of it is shown in every room) and {deactivated}. What stands in […] is left out where nothing of it is known. Ghosts take a new one when they next say something.',
      }),
    ghost_fields: z.boolean().default(true).meta({
      description:
        "Whether ghosts have their people's title, time zone, pronouns and status as fields of their profiles, on homeservers that know such fields.",
    }),
    ghost_team: z.boolean().default(false).meta({
      description:
        "Whether a ghost's name also holds its workspace's id. Slack's user ids don't repeat; needed for databases of other bridges only. Never change it later.",
    }),
  })
  .prefault({})
  .meta({ description: 'The application service: how the homeserver and this bridge know each other.' });

const databaseUrl = secret(
  'url',
  'A PostgreSQL server (or the environment variable DATABASE_URL). Left out: an embedded PostgreSQL in data_dir, good for trying out.',
  'postgres://bridge:password@localhost/bridge',
  true,
);
const database = z
  .strictObject({ url: databaseUrl.inline, url_file: databaseUrl.file })
  .prefault({})
  .meta({ description: 'Where everything is kept.' });

const secrets = z
  .strictObject({
    key_file: text()
      .optional()
      .meta({
        description:
          'The key that seals tokens and stored messages, made on the first start. Keep a copy elsewhere: without it the database is of no use. Left out: secrets.key in data_dir.',
        examples: ['./data/secrets.key'],
        optional: true,
      }),
  })
  .prefault({})
  .meta({ description: 'Encryption at rest.' });

const web = z
  .strictObject({
    host: host().default('127.0.0.1').meta({
      description:
        "Where to listen for /healthz, /readyz, /metrics, Slack's requests for pictures, and /login/.",
    }),
    port: port().default(9995),
    public_url: httpUrl()
      .optional()
      .meta({
        description:
          'How Slack reaches /pictures/ of that from the internet, and people reach /login/ with their browsers. Left out: what Matrix users write appears in Slack without their pictures, and nobody can link a Slack account.',
        examples: ['https://bridge.example.org'],
        optional: true,
      }),
  })
  .prefault({})
  .meta({ description: 'The web server for administrators, and for pictures.' });

const appTokenWords = 'The app-level token (xapp-…) with connections:write, for transport: socket.';
const signingSecretWords = "The app's signing secret, for transport: http.";
const botToken = secret('bot_token', "The bot's token (xoxb-…).", 'xoxb-replace-me', false);
const appToken = secret('app_token', appTokenWords, 'xapp-replace-me', false);
const signingSecret = secret('signing_secret', signingSecretWords, 'replace-me', true);
const clientId = (description: string, example: string) =>
  text()
    .optional()
    .meta({ description, examples: [example], optional: true });
const clientSecret = secret('client_secret', "The app's client secret, for the same.", 'replace-me', true);
const teamClientSecret = secret('client_secret', 'The secret of that app.', 'replace-me', true);
const teamAppToken = secret(
  'app_token',
  'When this workspace has an app of its own.',
  'xapp-replace-me',
  true,
);
const teamSigningSecret = secret('signing_secret', 'The same for transport: http.', 'replace-me', true);

const team = z.strictObject({
  bot_token: botToken.inline,
  bot_token_file: botToken.file,
  app_token: teamAppToken.inline,
  app_token_file: teamAppToken.file,
  signing_secret: teamSigningSecret.inline,
  signing_secret_file: teamSigningSecret.file,
  client_id: clientId("Of this workspace's own app, for people who link their accounts.", '1234.5678'),
  client_secret: teamClientSecret.inline,
  client_secret_file: teamClientSecret.file,
});

const slackHttp = z
  .strictObject({
    host: host().default('127.0.0.1').meta({ description: 'Where to listen for Slack, behind a TLS proxy.' }),
    port: port().default(9994),
    path: z
      .string()
      .regex(/^\/\S*$/, 'must begin with /')
      .default('/slack/events'),
  })
  .prefault({})
  .meta({ description: 'For transport: http.' });

const slackCatchUp = z
  .strictObject({
    days: z.number().min(0).max(60).default(7).meta({
      description:
        'When a channel’s history is read: how many days before the last reading edits, deletes and reactions are looked for, too.',
    }),
    sweep_hours: z.number().min(0.01).max(720).default(6).meta({
      description: 'How often each channel is read even if nothing seems to be missing.',
    }),
  })
  .prefault({})
  .meta({
    description:
      'Finding what Slack’s events did not tell: after a start, a lost connection, or too many events.',
  });

const slack = z
  .strictObject({
    api_url: httpUrl()
      .default('https://slack.com/api/')
      .meta({ description: "Slack's Web API. Any address, for tests also http and this machine." }),
    authorize_url: httpUrl()
      .default('https://slack.com/oauth/v2/authorize')
      .meta({ description: 'Where people allow the app to act for them.' }),
    file_hosts: z.array(host()).default(['files.slack.com']).meta({
      description:
        'The hosts that files are fetched from and sent to: only these get the token. Private addresses are refused unless they stand here.',
    }),
    transport: z.enum(['socket', 'http']).default('socket').meta({
      description:
        'How events come: socket (Socket Mode: nothing has to be reachable from the internet) or http.',
    }),
    app_token: appToken.inline,
    app_token_file: appToken.file,
    signing_secret: signingSecret.inline,
    signing_secret_file: signingSecret.file,
    client_id: clientId(
      "The app's client id: with it and its secret people can link their own Slack accounts (docs/people.md), and administrators install the app in more workspaces (docs/slack-app.md). web.public_url has to be set, too.",
      '1234567890.1234567890',
    ),
    client_secret: clientSecret.inline,
    client_secret_file: clientSecret.file,
    http: slackHttp,
    teams: z.array(team).default([]).meta({
      description:
        'The workspaces, one entry each; see docs/slack-app.md for how to get the tokens. Not those that the app is installed in by a link (“!slack install”).',
    }),
    catch_up: slackCatchUp,
    rate_limits: z.boolean().default(true).meta({
      description: "Whether calls are paced by Slack's published limits. false: only a 429 slows them down.",
    }),
  })
  .prefault({})
  .meta({ description: 'The Slack side: the workspaces, and how their events come.' });

const rooms = z
  .strictObject({
    version: z
      .union([text(), z.int()], { error: "must be 'default' or a room version such as 12" })
      .transform(String)
      .prefault('default')
      .meta({ description: "Their version; 'default': the homeserver's." }),
    additional_creators: z
      .array(z.string().regex(userId, 'must be a user id such as @admin:example.org'))
      .default([])
      .meta({
        description:
          'People who become creators beside the bot, in rooms of version 12 and later: they can act on the room whatever happens to the bridge.',
        examples: [['@admin:example.org']],
      }),
    history_visibility: z
      .enum(['invited', 'joined', 'shared', 'world_readable'])
      .default('shared')
      .meta({ description: 'From when on members may read.' }),
    federate: z
      .boolean()
      .default(true)
      .meta({ description: 'Whether users of other homeservers can ever join. Fixed when a room is made.' }),
    aliases: z.boolean().default(true).meta({
      description:
        'Whether those for public channels have an address made of the channel’s name, such as #slack_general:example.org. Switched off, what was given is taken back.',
    }),
    members_up_to: z.int().min(0).max(10_000).default(200).meta({
      description:
        'Up to how many people of a Slack channel are all in its linked room, as ghosts. Of larger ones those who say something are. Each room may choose otherwise (!slack set members).',
    }),
  })
  .prefault({})
  .meta({ description: 'Rooms: those that the bridge makes, and who is in those that are linked.' });

const megabytes = () => z.number().min(0).max(10_000_000);
const files = z
  .strictObject({
    largest_mb: megabytes().default(2000).meta({
      description: 'The largest file, in megabytes. The homeserver and Slack have limits of their own.',
    }),
    person_mb_per_day: megabytes()
      .default(10_000)
      .meta({ description: 'How much one person may send in 24 hours, in megabytes.' }),
    portal_mb_per_day: megabytes().default(50_000).meta({
      description: 'How much a room and its channel may send each other in 24 hours, in megabytes.',
    }),
  })
  .prefault({})
  .meta({
    description:
      'Limits of what is carried between the networks, both ways together; 0: none. Files over a limit appear as a link.',
  });

const slackRoles: ReadonlySet<string> = new Set(['owner', 'admin', 'member', 'guest', 'stranger']);
const permissionKey = z.string().refine((key) => key === '*' || userId.test(key) || serverName.test(key), {
  error: "must be '*', a server name such as example.org, or a user id such as @admin:example.org",
});
const permissions = z
  .record(permissionKey, z.enum(['none', 'relay', 'user', 'admin']))
  .optional()
  .meta({
    description:
      "Who may do what: none (nothing is bridged), relay (messages are bridged), user (may also invite the bot and link rooms that they administer), admin. '*' is everybody, then servers, then single users: the closest one counts. Left out: relay for everybody, user for the homeserver's own people.",
    examples: [{ '*': 'relay', 'example.org': 'user', '@admin:example.org': 'admin' }],
  });

const slackPermissionKey = z.string().refine((key) => slackRoles.has(key) || /^[UWS][A-Z0-9]+$/.test(key), {
  error:
    'must be owner, admin, member, guest or stranger, the id of a usergroup (S…), or that of a person (U…)',
});
const slackPermissions = z
  .record(slackPermissionKey, z.enum(['none', 'user', 'manager', 'admin']))
  .default({})
  .meta({
    description:
      'What people may do with /matrix in Slack: none (nothing but “help” and “privacy”), user (see how the channels are doing that they see, and link their account; who made a channel may link it, and change and end its link), manager (the same of all channels of their workspace that they see), admin (all that administrators of the bridge may). By role: owner, admin, member, guest, and stranger (of another organisation); by usergroup (S…) and person (U…): the closest one counts. Left out: manager for owners and admins, user for members, none for guests and strangers. Whoever linked a Matrix account may also do what `permissions` lets that one do.',
    examples: [{ member: 'user', guest: 'none', S012AB3CD: 'manager', U012AB3CD: 'admin' }],
  });

const choice = (what: string) => z.enum(['off', 'allow', 'on', 'require']).meta({ description: what });
const encryption = z
  .strictObject({
    enabled: z.boolean().default(true).meta({
      description:
        'Whether encrypted rooms are bridged at all. The bridge then has a device for its bot and for each ghost that speaks in such a room; see docs/encryption.md.',
    }),
    rooms: choice(
      'Rooms of public channels: off (an encrypted one is not bridged), allow (either way), on (either way, and those that the bridge makes begin encrypted), require (one that isn’t encrypted is not bridged). Each room may choose otherwise (!slack set encryption).',
    ).default('allow'),
    private: choice('Rooms of private channels.').default('on'),
    direct: choice('Chats of people who linked their accounts.').default('on'),
  })
  .prefault({})
  .meta({
    description:
      'End-to-end encryption on the Matrix side. The bridge itself reads what it carries, and Slack doesn’t encrypt from end to end.',
  });

const people = z
  .strictObject({
    match: z.enum(['off', 'suggest', 'mentions']).default('off').meta({
      description:
        'Whether people of the homeserver and of Slack are matched by verified e-mail addresses: off; suggest (the bot tells the person once how to link the two accounts); mentions (mentions of the one call the other, too). Needs homeserver.admin_token, a Synapse, and the permission users:read.email of the Slack app. Each person may refuse (!slack match off).',
    }),
  })
  .prefault({})
  .meta({ description: 'People who are on both sides.' });

const logging = z
  .strictObject({
    level: z.enum(['debug', 'info', 'warn', 'error']).default('info').meta({ description: 'How much.' }),
    format: z
      .enum(['text', 'json'])
      .default('text')
      .meta({ description: 'Lines for people, or for a collector.' }),
  })
  .prefault({})
  .meta({ description: 'Logging, to standard output.' });

export const schema = z.strictObject({
  homeserver,
  appservice,
  database,
  data_dir: text()
    .default('./data')
    .meta({ description: 'What the bridge keeps on disk: its key, and the embedded PostgreSQL.' }),
  secrets,
  web,
  slack,
  rooms,
  files,
  encryption,
  people,
  permissions,
  slack_permissions: slackPermissions,
  logging,
});

/** config.yaml as it is written, with the defaults filled in. */
export type ConfigFile = z.output<typeof schema>;
