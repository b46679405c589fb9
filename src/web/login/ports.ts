/** What the login pages ask of the bridge. Names are cleaned; secrets go in and out as they are, and never into logs. */

/** Who is asked about what. */
export type Question = PersonQuestion | InstallQuestion;

/** An administrator asked for the app to be installed in a workspace. */
export interface InstallQuestion {
  readonly kind: 'install';
  readonly matrixUser: string;
  /** What Slack is asked for. */
  readonly scopes: readonly string[];
  readonly bot: string;
}

export interface PersonQuestion {
  /** `person`: a Matrix user asked; `slack`: a person in Slack did, and says who they are in Matrix afterwards. */
  readonly kind: 'person' | 'slack';
  /** Of `person`: who asks. */
  readonly matrixUser?: string;
  /** Of `slack`: what Slack calls who asks. */
  readonly slackName?: string;
  readonly workspace: string;
  /** What Slack is asked for. */
  readonly scopes: readonly string[];
  /** Whether what they write in Slack will appear under their Matrix account; absent: it depends on which that is. */
  readonly double?: boolean;
  readonly bot: string;
}

/** Why there is nothing to ask, or it led to nothing. */
export type Refusal =
  | {
      readonly type:
        | 'unknown'
        | 'used'
        | 'expired'
        | 'other-browser'
        /** Slack’s answer belongs to no question, or to one that was asked anew since. */
        | 'stale'
        | 'not-permitted';
    }
  /** An administrator has something to do; they find it in the log. */
  | { readonly type: 'misconfigured' }
  | NotInstalled
  | Retriable;

/** `why` is a sentence for the administrator who tried it. */
export interface NotInstalled {
  readonly type: 'not-installed';
  readonly why: string;
  readonly retry?: string;
}

/** Refusals after which the same browser may ask Slack again, at `retry`; absent where no time is left. */
export type Retriable =
  | { readonly type: 'denied'; readonly workspace: string; readonly retry?: string }
  | { readonly type: 'away'; readonly workspace: string; readonly retry?: string }
  | { readonly type: 'code-refused'; readonly workspace: string; readonly retry?: string }
  | {
      readonly type: 'missing-scopes';
      readonly workspace: string;
      readonly scopes: readonly string[];
      readonly retry?: string;
    }
  | { readonly type: 'other-workspace'; readonly workspace: string; readonly retry?: string }
  /** Of `slack`: Slack’s answer is about another person than who asked. */
  | { readonly type: 'other-person'; readonly workspace: string; readonly retry?: string }
  | {
      readonly type: 'linked-elsewhere';
      readonly workspace: string;
      readonly matrixUser: string;
      readonly bot: string;
      readonly retry?: string;
    };

/** What came of Slack's answer. */
export type Outcome =
  | {
      readonly type: 'linked';
      readonly matrixUser: string;
      readonly slackName: string;
      readonly workspace: string;
      readonly double: boolean;
      /** What Slack was asked for and didn't give; the bridge does without. */
      readonly lacks: readonly string[];
      /** Where Slack can be asked for these again. */
      readonly retry?: string;
      readonly bot: string;
    }
  /** Of `slack`: the person says this to the bot in Matrix. */
  | {
      readonly type: 'code';
      readonly code: string;
      readonly slackName: string;
      readonly workspace: string;
      readonly bot: string;
    }
  | {
      readonly type: 'installed';
      /** Or of the organisation. */
      readonly workspace: string;
      /** Of an organisation: those of its workspaces that the app may be used in. */
      readonly workspaces?: readonly string[];
      readonly bot: string;
    }
  | Refusal;

export interface LoginDesk {
  /** Changes nothing. */
  look(secret: string): Promise<Question | Refusal>;
  /** Binds the link to a browser. Resolves with the address of Slack's question. */
  begin(secret: string, browser: string): Promise<{ readonly slack: string } | Refusal>;
  /** Slack sent the browser back. `error`: people refused, or Slack did. */
  answer(
    state: string,
    browser: string,
    result: { readonly code: string } | { readonly error: string },
  ): Promise<Outcome>;
}
