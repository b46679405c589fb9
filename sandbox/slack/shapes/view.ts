import type { View } from '../interactivity/model.ts';
import type { World } from '../world.ts';

/** What people have typed and chosen, by block and element. */
export type ViewState = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/**
 * A view as Slack tells of it.
 * @see https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload
 */
export function viewShape(world: World, view: View, values: ViewState = {}) {
  const { content } = view;
  return {
    id: view.id,
    team_id: view.teamId,
    type: view.type,
    blocks: content.blocks,
    private_metadata: content.privateMetadata,
    callback_id: content.callbackId,
    state: { values },
    hash: view.hash,
    title: content.title ?? null,
    clear_on_close: content.clearOnClose,
    notify_on_close: content.notifyOnClose,
    close: content.close ?? null,
    submit: content.submit ?? null,
    previous_view_id: view.previousId ?? null,
    root_view_id: view.rootId,
    app_id: view.appId,
    external_id: content.externalId,
    app_installed_team_id: view.teamId,
    bot_id: world.installation(view.appId, view.teamId)?.botId ?? '',
  };
}
