import type { Methods } from './call.ts';
import { chat } from './chat.ts';
import { conversationChanges } from './conversation-changes.ts';
import { conversations } from './conversations.ts';
import { direct } from './direct.ts';
import { files } from './files.ts';
import { history } from './history.ts';
import { people } from './people.ts';
import { reactions } from './reactions.ts';
import { views } from './views.ts';
import { workspace } from './workspace.ts';

/** Every method that the sandbox knows; any other name is answered with `unknown_method`. */
export const methods: Methods = {
  ...chat,
  ...conversations,
  ...conversationChanges,
  ...direct,
  ...files,
  ...history,
  ...people,
  ...reactions,
  ...views,
  ...workspace,
};
