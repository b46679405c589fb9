import type { App } from '../model.ts';
import { isFields } from '../text/check.ts';
import type { World } from '../world.ts';
import type { View } from './model.ts';
import { readView } from './read-view.ts';
import { changeView, closeModal, modalsOf, MOST_STACKED, openModal } from './views.ts';

/**
 * What becomes of a modal that was submitted: it closes, unless the app says otherwise. `errors`: what is wrong with the
 * input, by block; `problems`: with the app's answer.
 * @see https://docs.slack.dev/surfaces/modals#response_actions
 */
export function answerToSubmission(
  world: World,
  app: App,
  view: View,
  answer: unknown,
): { readonly errors?: unknown; readonly problems?: readonly string[] } {
  const fields = isFields(answer) ? answer : {};
  switch (fields['response_action']) {
    case 'errors':
      return { errors: fields['errors'] };
    case 'clear':
      closeModal(world, view, true);
      return {};
    case 'update':
    case 'push': {
      const content = readView(fields['view'], 'modal');
      if ('problems' in content) return { problems: content.problems };
      if (fields['response_action'] === 'update') changeView(world, view, content);
      else if (modalsOf(world, view.userId).length >= MOST_STACKED)
        return { problems: ['push_limit_reached'] };
      else openModal(world, app, view.userId, content, view);
      return {};
    }
    default:
      closeModal(world, view, false);
      return {};
  }
}
