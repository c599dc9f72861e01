/** A store's machine failed in the middle of a read or a change of what is derived: whoever waits may try again. Appends say it by their outcome instead. */
export class StoreFailed extends Error {}
