import { z } from 'zod';

import { createUser, updateUser } from '../people.ts';
import { userShape } from '../shapes/user.ts';
import { action } from './action.ts';
import { findTeam, findUser } from './find.ts';

const profile = {
  realName: z.string().optional(),
  displayName: z.string().optional(),
  email: z.string().optional(),
  title: z.string().optional(),
  timeZone: z.string().optional(),
  isAdmin: z.boolean().optional(),
  isOwner: z.boolean().optional(),
  isPrimaryOwner: z.boolean().optional(),
  isRestricted: z.boolean().optional(),
  isUltraRestricted: z.boolean().optional(),
  isStranger: z.boolean().optional(),
  picture: z.boolean().optional(),
};

export const peopleActions = {
  createUser: action(
    z.strictObject({
      ...profile,
      id: z.string().optional(),
      team: z.string().optional(),
      name: z.string().min(1),
    }),
    ({ world }, { team, ...user }) => {
      const created = createUser(world, { ...user, teamId: findTeam(world, team).id });
      return userShape(world, created, true);
    },
  ),

  updateUser: action(
    z.strictObject({
      ...profile,
      user: z.string(),
      name: z.string().optional(),
      statusText: z.string().optional(),
      statusEmoji: z.string().optional(),
      deleted: z.boolean().optional(),
    }),
    ({ world }, { user: id, ...change }) => {
      const user = findUser(world, id);
      updateUser(world, user, change);
      return userShape(world, user, true);
    },
  ),
};
