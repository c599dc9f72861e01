/** Stages and journals that sweeps of this process work on, by path: two of them may seal one sweep, and neither may clear up the other's. */
export const inUse: Set<string> = new Set();
