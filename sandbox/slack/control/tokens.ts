import { z } from 'zod';

import { usualUserScopes } from '../scopes.ts';
import { grantUserToken, revokeUserTokens } from '../user-tokens.ts';
import { action } from './action.ts';
import { findApp, findUser } from './find.ts';

export const tokenActions = {
  /** As if the person had allowed the app on the consent page; without `scopes` all that a bridge may want. */
  grantUserToken: action(
    z.strictObject({
      user: z.string(),
      app: z.string().optional(),
      scopes: z.array(z.string()).optional(),
    }),
    ({ world }, { user: id, app: appId, scopes }) => {
      const user = findUser(world, id);
      const app = findApp(world, appId, user.teamId);
      const token = grantUserToken(world, app, user, scopes ?? usualUserScopes);
      return {
        token: token.value,
        user: user.id,
        team: user.teamId,
        app: app.id,
        scopes: token.scopes,
        expiresAt: token.expiresAt,
      };
    },
  ),

  /** Ends all tokens of the person for the app; the app is told. */
  revokeUserToken: action(
    z.strictObject({ user: z.string(), app: z.string().optional() }),
    ({ world }, { user: id, app }) => {
      const user = findUser(world, id);
      revokeUserTokens(world, findApp(world, app, user.teamId), user.id);
    },
  ),
};
