import { z } from 'zod';

import { newId } from '../ids.ts';
import { grantAccess, revokeAccess } from '../organisations.ts';
import { action, ControlError } from './action.ts';
import type { ControlParts } from './action.ts';
import { findTeam } from './find.ts';

const access = z.strictObject({ app: z.string(), team: z.string() });

export const organisationActions = {
  /** Puts workspaces into one organisation, in which an app can be installed for all of them. */
  createOrganisation: action(
    z.strictObject({ id: z.string().optional(), name: z.string(), teams: z.array(z.string()).min(1) }),
    ({ world }, { id = newId('E'), name, teams }) => {
      for (const team of teams) findTeam(world, team).organisation = { id, name };
      world.changed({ what: 'all' });
      return { id, name };
    },
  ),

  grantAccess: action(access, ({ world }, { app, team }) => {
    grantAccess(world, ofOrganisation(world, app), findTeam(world, team).id);
  }),
  revokeAccess: action(access, ({ world }, { app, team }) => {
    revokeAccess(world, ofOrganisation(world, app), findTeam(world, team).id);
  }),
};

function ofOrganisation(world: ControlParts['world'], id: string) {
  const app = world.installations(id).find(({ organisation }) => organisation !== undefined);
  if (!app) throw new ControlError(`The app ${id} is installed for no organisation.`);
  return app;
}
