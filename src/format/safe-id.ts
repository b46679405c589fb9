/** Ids found in text: checked without throwing, because text may say anything. */
import { channelId, eventId, matrixUserId, roomId, slackUserId, usergroupId } from '../ids.ts';
import type { ChannelId, EventId, MatrixUserId, RoomId, SlackUserId, UsergroupId } from '../ids.ts';

function orUndefined<Id>(construct: (value: unknown) => Id): (value: unknown) => Id | undefined {
  return (value) => {
    try {
      return construct(value);
    } catch {
      return undefined; // not an id: the caller shows what it found as text
    }
  };
}

export const asSlackUser: (value: unknown) => SlackUserId | undefined = orUndefined(slackUserId);
export const asChannel: (value: unknown) => ChannelId | undefined = orUndefined(channelId);
export const asUsergroup: (value: unknown) => UsergroupId | undefined = orUndefined(usergroupId);
export const asMatrixUser: (value: unknown) => MatrixUserId | undefined = orUndefined(matrixUserId);
export const asRoom: (value: unknown) => RoomId | undefined = orUndefined(roomId);
export const asEvent: (value: unknown) => EventId | undefined = orUndefined(eventId);
