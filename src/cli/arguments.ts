/** What was asked for. */
export interface Arguments {
  readonly config: string;
  readonly force: boolean;
}
