/** An event was encrypted by a device of somebody else than the homeserver says it is of. */
export class WrongSender extends Error {
  constructor() {
    super('the event is not of the user whose device encrypted it');
    this.name = 'WrongSender';
  }
}
