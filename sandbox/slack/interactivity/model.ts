/** What people do with an app besides writing: what it offers, and what is open. None of it but the offers is kept in a folder. */

export interface AppShortcut {
  /** `message`: in the menu of each message; `global`: wherever people look for shortcuts. */
  readonly type: 'message' | 'global';
  readonly name: string;
  readonly callbackId: string;
  readonly description?: string | undefined;
}

export interface AppCommand {
  /** With its slash. */
  readonly command: string;
  readonly description?: string | undefined;
  readonly usageHint?: string | undefined;
}

/** The `features` of an app's manifest. */
export interface AppFeatures {
  /** Whether it has a Home tab to publish to. */
  readonly homeTab: boolean;
  readonly shortcuts: readonly AppShortcut[];
  readonly commands: readonly AppCommand[];
}

export const noFeatures: AppFeatures = { homeTab: false, shortcuts: [], commands: [] };

/** A Home tab of one person, or a modal that is open on their screen. */
export interface View {
  readonly id: string;
  readonly type: 'home' | 'modal';
  readonly appId: string;
  readonly teamId: string;
  readonly userId: string;
  readonly rootId: string;
  readonly previousId: string | undefined;
  /** As the app gave it, each block and button with an id. */
  content: ViewContent;
  /** Another one after each change. */
  hash: string;
}

export interface ViewContent {
  readonly blocks: readonly unknown[];
  readonly callbackId: string;
  readonly externalId: string;
  readonly privateMetadata: string;
  readonly title: unknown;
  readonly close: unknown;
  readonly submit: unknown;
  readonly clearOnClose: boolean;
  readonly notifyOnClose: boolean;
}

/** A message that one person sees, until they look away. */
export interface Ephemeral {
  readonly ts: string;
  readonly channelId: string;
  readonly userId: string;
  readonly appId: string;
  text: string;
  blocks: readonly unknown[] | undefined;
  readonly threadTs: string | undefined;
}

/** By which an app opens one view for somebody who has just done something. */
export interface Trigger {
  readonly appId: string;
  readonly teamId: string;
  readonly userId: string;
  /** The modal that it was done in, if any: the next one goes on top of it. */
  readonly viewId: string | undefined;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  used: boolean;
}

/** An address by which an app answers what somebody did in a channel, wherever its bot is. */
export interface ResponseUrl {
  readonly appId: string;
  readonly teamId: string;
  readonly userId: string;
  readonly channelId: string;
  /** The message whose button was pressed. */
  readonly original: { readonly ts: string; readonly ephemeral: boolean } | undefined;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  left: number;
}
